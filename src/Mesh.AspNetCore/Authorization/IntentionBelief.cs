using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Which intentions are in force, and which absences are believed. What is there is taken; what vanishes counts as deleted
/// only at an index that did not go backwards, told by a server that knows a leader, and not when all are gone at once until
/// that is confirmed. What vanished otherwise is orphaned: in force until it is written again.
/// </summary>
/// <remarks>Not thread-safe: its watch owns it.</remarks>
internal sealed class IntentionBelief
{
    private Dictionary<Key, Intention> _inForce = [];
    private readonly HashSet<Key> _orphans = [];

    /// <summary>The index of the last answer; 0 before the first.</summary>
    public ulong Index { get; private set; }

    public IReadOnlyCollection<Intention> InForce => _inForce.Values;

    public int Orphans => _orphans.Count;

    /// <summary>Goes on from what an earlier run knew.</summary>
    public void Restore(SnapshotIntentions snapshot)
    {
        Index = snapshot.Index;
        foreach (var (intention, isOrphaned) in snapshot.Intentions)
        {
            var key = Key.Of(intention);
            _inForce[key] = intention;
            if (isOrphaned)
            {
                _orphans.Add(key);
            }
        }
    }

    public SnapshotIntention[] ToSnapshot() =>
        [.. _inForce.Select(pair => new SnapshotIntention(pair.Value, _orphans.Contains(pair.Key)))];

    /// <summary>
    /// All that was known is gone at once. A configuration entry that was deleted looks like that, and so does a registry that
    /// lost its data: worth a second look.
    /// </summary>
    public bool LosesAll(ConsulResponse<Intention[]> answer) => answer.Value.Length == 0 && _inForce.Count > _orphans.Count;

    /// <summary>The answer is of an earlier time than what is known, or of another history.</summary>
    public bool IsOlder(ConsulResponse<Intention[]> answer) => answer.Index < Index ||
        answer.Value.Any(i => _inForce.TryGetValue(Key.Of(i), out var known) && i.ModifyIndex < known.ModifyIndex);

    /// <summary>Takes an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="transition">What is unusual about it.</param>
    /// <param name="isConfirmed">That all are gone was looked at again, and is so.</param>
    /// <returns>True when something changed.</returns>
    public bool Apply(ConsulResponse<Intention[]> answer, BlockingQueryTransition transition, bool isConfirmed)
    {
        var next = new Dictionary<Key, Intention>();
        foreach (var intention in answer.Value)
        {
            next[Key.Of(intention)] = intention;
        }

        var changed = next.Any(pair =>
            !_inForce.TryGetValue(pair.Key, out var known) || known.ModifyIndex != pair.Value.ModifyIndex ||
            _orphans.Contains(pair.Key));
        var proves = answer.KnownLeader && transition != BlockingQueryTransition.IndexRegressed && !IsOlder(answer);
        foreach (var (key, intention) in _inForce.Where(pair => !next.ContainsKey(pair.Key)).ToArray())
        {
            if (proves && !_orphans.Contains(key) && (isConfirmed || answer.Value.Length > 0))
            {
                changed = true;
                continue;
            }

            next.Add(key, intention);
            changed |= !proves && _orphans.Add(key);
        }

        _orphans.ExceptWith(answer.Value.Select(Key.Of));
        (_inForce, Index) = (next, answer.Index);
        return changed;
    }

    /// <summary>What makes an intention the same one after it was changed.</summary>
    private readonly record struct Key(
        string? Peer, string? Group, string Partition, string Space, string Source, string ToSpace, string Destination)
    {
        public static Key Of(Intention intention) => new(
            intention.SourcePeer,
            intention.SourceSamenessGroup,
            intention.SourcePartition,
            intention.SourceNamespace,
            intention.SourceName,
            intention.DestinationNamespace,
            intention.DestinationName);
    }
}
