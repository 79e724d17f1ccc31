using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>
/// Which keys of a mesh exist, and which absences are believed. Absence is not an answer: a narrowed token makes a
/// recursive read 404, an agent that restarts without data does too, and neither may loosen a policy. A key counts as
/// deleted only when the index passed the one seen before, with a leader, and not everything vanished at once;
/// otherwise it is orphaned until it is written again.
/// </summary>
/// <remarks>
/// Why the index tells: Consul takes the index of a recursive read before it applies the token, so what a token hides
/// vanishes at an unchanged index, and what is deleted vanishes at a higher one. Not thread-safe: one watch owns it.
/// </remarks>
internal sealed class KvBelief
{
    private readonly Dictionary<string, KvEntry> _present = new(StringComparer.Ordinal);
    private readonly HashSet<string> _orphans = new(StringComparer.Ordinal);

    /// <summary>The index of the last answer; 0 before the first.</summary>
    public ulong Index { get; private set; }

    /// <summary>The keys that were there when last seen, orphans included.</summary>
    public IReadOnlyDictionary<string, KvEntry> Entries => _present;

    /// <summary>Keys among <see cref="Entries"/> that vanished unbelieved.</summary>
    public IReadOnlySet<string> Orphans => _orphans;

    /// <summary>The highest index that anything known was written at.</summary>
    public ulong Newest => Math.Max(Index, _present.Values.Select(e => e.ModifyIndex).DefaultIfEmpty().Max());

    /// <summary>
    /// An answer is older than what is known: its index, or that of a key. Either a server that lags gave it, or Consul has
    /// another history, e.g. after a snapshot was restored; the index of the whole alone may have grown past the old one since.
    /// </summary>
    public bool IsOlder(ConsulResponse<KvEntry[]> answer) =>
        answer.Index < Index ||
        answer.Value.Any(e => _present.TryGetValue(e.Key, out var known) && e.ModifyIndex < known.ModifyIndex);

    /// <summary>Goes on from what an earlier run saved.</summary>
    public void Restore(ulong index, IEnumerable<KvEntry> entries, IEnumerable<string> orphans)
    {
        Index = index;
        foreach (var entry in entries)
        {
            _present[entry.Key] = entry;
        }

        _orphans.UnionWith(orphans);
    }

    /// <summary>Takes an answer of the watch on the mesh's prefix.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="transition">What is unusual about it.</param>
    /// <param name="leaderChanged">Another server leads than at the answer before.</param>
    /// <param name="hidden">Keys that were asked for by themselves and may not be read: their absence is never
    /// believed.</param>
    public KvChange Apply(
        ConsulResponse<KvEntry[]> answer,
        BlockingQueryTransition transition,
        bool leaderChanged = false,
        IReadOnlySet<string>? hidden = null)
    {
        var seen = answer.Value.Where(e => !e.Key.EndsWith('/')).ToDictionary(e => e.Key, StringComparer.Ordinal);
        var written = seen.Values.Where(IsNews).ToArray();
        var vanished = Vanished(seen);
        var believed = !leaderChanged && IsBelieved(answer, transition, vanished.Length, seen.Count);
        var orphaned = vanished.Where(k => !believed || hidden?.Contains(k) == true).ToArray();
        var deleted = vanished.Except(orphaned).ToArray();
        foreach (var entry in written)
        {
            _present[entry.Key] = entry;
            _orphans.Remove(entry.Key);
        }

        _orphans.UnionWith(orphaned);
        foreach (var key in deleted)
        {
            _present.Remove(key);
        }

        Index = answer.Index;
        return new KvChange(written, deleted, orphaned);
    }

    /// <summary>The keys that an answer lacks and that are not orphans already; nothing is decided by asking.</summary>
    public string[] Vanished(ConsulResponse<KvEntry[]> answer) =>
        Vanished(answer.Value.ToDictionary(e => e.Key, StringComparer.Ordinal));

    private string[] Vanished(Dictionary<string, KvEntry> seen) =>
        [.. _present.Keys.Where(k => !seen.ContainsKey(k) && !_orphans.Contains(k))];

    private bool IsNews(KvEntry entry) =>
        _orphans.Contains(entry.Key) ||
        !_present.TryGetValue(entry.Key, out var known) ||
        known.ModifyIndex != entry.ModifyIndex ||
        !known.Value.Span.SequenceEqual(entry.Value.Span);

    private bool IsBelieved(
        ConsulResponse<KvEntry[]> answer, BlockingQueryTransition transition, int vanished, int left)
    {
        if (!answer.KnownLeader || transition == BlockingQueryTransition.IndexRegressed || answer.Index <= Index ||
            IsOlder(answer))
        {
            return false;
        }

        // The last document may be deleted by hand; whole sets vanish by accident. After a gap, even one may be an
        // accident: an agent that lost its data has an index of its own, which may be higher.
        return left > 0 || (vanished == 1 && transition == BlockingQueryTransition.None);
    }
}
