using System.Text;
using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// What a desk says, apart from what is in force: a desk may lag, may have been replaced, may be wrong. It is taken at
/// its word only while it is <em>proven</em>: since its last connect or snapshot it was seen to hold what is in force
/// here, or better. Revisions have no order, so "older" is what this process has moved on from, and "newer" needs a
/// witness: Consul KV itself, or, where KV cannot be asked, time. Pure; not thread-safe.
/// </summary>
/// <param name="newestOf">The newest revision known here.</param>
/// <param name="isSuperseded">The revision was in force here once.</param>
internal sealed class DeskView(
    Func<PolicyKey, PolicyRevision?> newestOf, Func<PolicyKey, PolicyRevision, bool> isSuperseded)
{
    private readonly Dictionary<PolicyKey, PolicyDocumentWire> _documents = [];

    /// <summary>
    /// The hash of what the desk says, also the id to resume from; <see langword="null"/> before any snapshot.
    /// </summary>
    public string? Hash { get; private set; }

    /// <summary>Changes are taken at the desk's word.</summary>
    public bool IsProven { get; private set; }

    /// <summary>The switches whose time is over, says the desk.</summary>
    public PolicyText[] Expired =>
        [.. _documents.Values.Where(d => d.State == PolicyDocumentState.Expired).Select(Text)];

    /// <summary>The desk lists a document under this key.</summary>
    public bool Contains(PolicyKey key) => _documents.ContainsKey(key);

    /// <summary>Another connection: whoever answers now has to prove itself anew.</summary>
    public void Reconnected() => IsProven = false;

    /// <summary>Forgets what the desk said, so that it sends everything again.</summary>
    public void Reset()
    {
        _documents.Clear();
        Hash = null;
        IsProven = false;
    }

    /// <summary>Takes an event.</summary>
    /// <returns>Why the event is not to be trusted at all; <see langword="null"/> when it is well-formed.</returns>
    public string? Read(PolicyEvent message)
    {
        if (!WireSchema.IsReadable(message.Schema))
        {
            return $"Its events have schema {message.Schema}; up to {WireSchema.Current} is understood.";
        }

        if (message.Type == PolicyEventType.Snapshot)
        {
            _documents.Clear();
            IsProven = false;
        }

        foreach (var document in message.Documents)
        {
            if (PolicyRevision.HashOf(Encoding.UTF8.GetBytes(document.Body)) != document.Revision.Hash)
            {
                return $"The text of {document.Key} does not have the hash that its revision says.";
            }

            _documents[document.Key] = document;
        }

        foreach (var key in message.Removed)
        {
            _documents.Remove(key);
        }

        if (message.Type is PolicyEventType.Snapshot or PolicyEventType.Change)
        {
            Hash = PolicySnapshotWire.HashOf(_documents.Values);
        }

        return message.Type == PolicyEventType.Unknown || Hash == message.Hash
            ? null
            : "Its documents do not add up to the hash that it says.";
    }

    /// <summary>What the set means for what is in force.</summary>
    /// <param name="held">The keys this process has from live sources or the snapshot.</param>
    /// <param name="witnessed">
    /// What Consul KV holds of keys in doubt (<see langword="null"/>: certainly nothing); keys that could not be asked
    /// are not in it.
    /// </param>
    /// <param name="graceOver">The desk has said the same for long, and no witness can be asked.</param>
    public DeskVerdict Judge(
        IEnumerable<PolicyKey> held, IReadOnlyDictionary<PolicyKey, PolicyRevision?> witnessed, bool graceOver)
    {
        var (take, drop) = (new List<PolicyText>(), new List<PolicyKey>());
        var (doubted, older) = (new List<PolicyKey>(), new List<PolicyKey>());
        foreach (var (key, document) in _documents)
        {
            var ours = newestOf(key);
            if (ours == document.Revision)
            {
                continue;
            }

            var proof = witnessed.TryGetValue(key, out var truth);
            var gone = isSuperseded(key, document.Revision);
            if (proof ? Same(truth, document.Revision) : !gone && (ours is null || IsProven))
            {
                take.Add(Text(document));
            }
            else if (gone || (proof && ours is not null && Same(truth, ours)))
            {
                older.Add(key);
            }
            else if (!proof && graceOver && !IsLower(document.Revision, ours!))
            {
                take.Add(Text(document));
            }
            else
            {
                doubted.Add(key);
            }
        }

        foreach (var key in held.Where(k => !_documents.ContainsKey(k)))
        {
            var proof = witnessed.TryGetValue(key, out var truth);
            (IsProven || (proof && truth is null) ? drop : doubted).Add(key);
        }

        var verdict = new DeskVerdict(take, drop, doubted, older);
        IsProven |= verdict.IsProven;
        return verdict;
    }

    /// <summary>A datacenter that one side does not know is no difference.</summary>
    private static bool Same(PolicyRevision? left, PolicyRevision right) =>
        left is not null && left.ModifyIndex == right.ModifyIndex && left.Hash == right.Hash &&
        (left.Datacenter == right.Datacenter || left.Datacenter.Length == 0 || right.Datacenter.Length == 0);

    /// <summary>
    /// Not an order, only a reason for more patience: in one datacenter a lower index is older unless its data was
    /// restored, and then KV can be asked.
    /// </summary>
    private static bool IsLower(PolicyRevision theirs, PolicyRevision ours) =>
        theirs.Datacenter == ours.Datacenter && theirs.ModifyIndex < ours.ModifyIndex;

    private static PolicyText Text(PolicyDocumentWire document) =>
        new(document.Key, document.Revision, Encoding.UTF8.GetBytes(document.Body));
}
