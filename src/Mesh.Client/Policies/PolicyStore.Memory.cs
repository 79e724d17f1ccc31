using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <content>
/// What an earlier run knew. A process asks for its own documents before it calls anybody: what is remembered about services
/// that nobody has called yet waits until somebody does, or until a source says that it is gone. That a listing lacks it says
/// nothing, since a listing hides what the token may not see.
/// </content>
internal sealed partial class PolicyStore
{
    private readonly Dictionary<PolicyKey, PolicyText> _waiting = [];

    /// <summary>What is remembered about services that are not called yet.</summary>
    public IReadOnlyList<PolicyText> Waiting
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting.Values];
            }
        }
    }

    /// <summary>It is remembered, and waits.</summary>
    public bool IsWaiting(PolicyKey key)
    {
        lock (_gate)
        {
            return _waiting.ContainsKey(key);
        }
    }

    /// <summary>Takes what an earlier run knew, as far as no source has spoken of it meanwhile.</summary>
    /// <returns>How many documents stand in now that did not before.</returns>
    public int StandIn(IReadOnlyCollection<PolicyText> remembered)
    {
        var taken = new List<PolicyKey>();
        bool heard;
        lock (_gate)
        {
            heard = _heardAt is not null;
            foreach (var text in remembered.Where(t => _book.Find(t.Key) is null))
            {
                if (ConcernsLocked(text.Key))
                {
                    if (_waiting.Remove(text.Key) || !heard)
                    {
                        _book.Take(text, PolicySource.Snapshot);
                        taken.Add(text.Key);
                    }
                }
                else if (!heard && text.Key.Kind != PolicyDocumentKind.Security)
                {
                    _waiting[text.Key] = text;
                }
            }

            if (taken.Count == 0)
            {
                return 0;
            }

            _source = heard ? _source : PolicySource.Snapshot;
            ApplyAllLocked();
            SettleLocked(heard ? [.. taken.Select(k => k.Name).OfType<string>()] : null);
        }

        Tell();
        return taken.Count;
    }

    private void SpokenOfLocked(IReadOnlyCollection<PolicyText> changed, IReadOnlyCollection<PolicyKey> deleted)
    {
        foreach (var text in changed.Where(t => _waiting.ContainsKey(t.Key)))
        {
            _waiting[text.Key] = text;
        }

        foreach (var key in deleted)
        {
            _waiting.Remove(key);
        }
    }
}
