using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// The revisions this process has moved on from, the newest few of each document: the way to recognise "older" although
/// revisions have no order. Not thread-safe.
/// </summary>
internal sealed class SupersededRevisions
{
    /// <summary>More edits than a desk can lag behind by.</summary>
    private const int Kept = 32;

    private readonly Dictionary<PolicyKey, LinkedList<PolicyRevision>> _revisions = [];

    public bool Contains(PolicyKey key, PolicyRevision revision) =>
        _revisions.TryGetValue(key, out var known) && known.Contains(revision);

    public void Add(PolicyKey key, PolicyRevision revision)
    {
        if (!_revisions.TryGetValue(key, out var known))
        {
            _revisions.Add(key, known = []);
        }

        known.Remove(revision);
        known.AddLast(revision);
        if (known.Count > Kept)
        {
            known.RemoveFirst();
        }
    }

    /// <summary>The registry itself says that it is current again, e.g. after a restore.</summary>
    public void Revive(PolicyKey key, PolicyRevision revision)
    {
        if (_revisions.TryGetValue(key, out var known))
        {
            known.Remove(revision);
        }
    }
}
