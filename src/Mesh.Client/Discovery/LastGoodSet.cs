namespace Mesh.Client.Discovery;

/// <summary>
/// The endpoints of one service as far as they are believed. Presence is believed at once; absence only when it looks
/// ordinary. Endpoints that vanished in a suspicious way stay, marked <see cref="EndpointInfo.Vanished"/>, until the
/// window has passed <em>and</em> a consistent read with a token that may provably see them has confirmed that they are
/// gone. What the token may not see stays in full standing for as long as that lasts. Pure: time is an argument, nothing
/// is read. Not thread-safe; its owner serialises.
/// </summary>
/// <param name="window">How long vanished endpoints stay at least.</param>
internal sealed class LastGoodSet(TimeSpan window)
{
    /// <summary>Below this many endpoints losing half is ordinary: a deploy takes 2 to 1 and 3 to 1.</summary>
    private const int SmallestShrink = 4;

    /// <summary>
    /// Unconfirmed rounds double the pause up to this many windows, so that doubt never becomes load.
    /// </summary>
    private const int LongestPauseInWindows = 6;

    private EndpointInfo[] _live = [];
    private EndpointInfo[] _suspects = [];
    private int _rounds;

    /// <summary>Live endpoints first, then the suspects.</summary>
    public IReadOnlyList<EndpointInfo> Endpoints { get; private set; } = [];

    /// <summary>Endpoints were listed at least once, now or before a restart.</summary>
    public bool EverSeen { get; private set; }

    /// <summary>How many endpoints are kept though the registry does not list them.</summary>
    public int SuspectCount => _suspects.Length;

    /// <summary>Why there are suspects.</summary>
    public AbsenceReason Doubt { get; private set; }

    /// <summary>
    /// When to ask for confirmation, on the clock of the arguments; <see langword="null"/> without suspects.
    /// </summary>
    public TimeSpan? ConfirmAt { get; private set; }

    /// <summary>
    /// What was good before this process started: a baseline against which the first answer is judged.
    /// </summary>
    public void Seed(IReadOnlyList<EndpointInfo> endpoints)
    {
        _live = [.. endpoints];
        _suspects = [];
        EverSeen |= _live.Length > 0;
        Endpoints = _live;
    }

    /// <summary>Takes every answer at its word: the behaviour without this class.</summary>
    /// <returns>True when the endpoints changed.</returns>
    public bool Believe(IReadOnlyList<EndpointInfo> answer) => Publish(Reuse(answer), []);

    /// <summary>An answer of the watch.</summary>
    /// <param name="answer">All endpoints the registry lists, none twice.</param>
    /// <param name="regressed">The index of the answer went backwards.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="hidden">What the answer lacks is what the token may not see.</param>
    /// <returns>True when the endpoints changed.</returns>
    public bool Offer(IReadOnlyList<EndpointInfo> answer, bool regressed, TimeSpan now, bool hidden = false)
    {
        var live = Reuse(answer);
        var listed = Ids(live);
        var missing = _live.Where(e => !listed.Contains(e.Id)).ToArray();
        var kept = _suspects.Where(e => !listed.Contains(e.Id)).ToArray();
        var judged = missing.Length == 0 ? null
            : hidden ? AbsenceReason.Acl
            : Judge(live.Length, missing.Length, regressed);
        if (judged is { } doubt)
        {
            // What is hidden did not vanish: it goes on in full standing, since nothing says that it is worse than others.
            kept = [.. kept, .. missing.Select(e => doubt == AbsenceReason.Acl ? e : e with { Vanished = true })];
            if (_suspects.Length == 0)
            {
                _rounds = 0;
                ConfirmAt = now + window;
            }

            Doubt = doubt;
        }

        return Publish(live, kept);
    }

    /// <summary>The answer of a consistent read made because of <see cref="ConfirmAt"/>.</summary>
    /// <param name="answer">All endpoints the registry lists.</param>
    /// <param name="hides">The token may not see this endpoint, so that its absence from the answer says nothing.</param>
    /// <param name="now">Monotonic time.</param>
    /// <returns>True when the endpoints changed.</returns>
    public bool Confirm(IReadOnlyList<EndpointInfo> answer, Func<EndpointInfo, bool> hides, TimeSpan now)
    {
        var live = Reuse(answer);
        var listed = Ids(live);
        EndpointInfo[] kept =
        [
            .. Endpoints.Where(e => !listed.Contains(e.Id) && hides(e))
                .Select(e => e.Vanished ? e with { Vanished = false } : e),
        ];
        var changed = Publish(live, kept);
        if (kept.Length > 0)
        {
            Doubt = AbsenceReason.Acl;
            Postpone(now);
        }

        return changed;
    }

    /// <summary>Endpoints whose absence was believed turn out to be hidden from the token: they are taken back.</summary>
    /// <param name="hidden">As they were.</param>
    /// <param name="now">Monotonic time.</param>
    /// <returns>True when the endpoints changed.</returns>
    public bool Restore(IReadOnlyCollection<EndpointInfo> hidden, TimeSpan now)
    {
        var known = Endpoints.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        EndpointInfo[] back = [.. hidden.Where(e => !known.Contains(e.Id))];
        if (back.Length == 0)
        {
            return false;
        }

        ConfirmAt ??= now + window;
        Doubt = AbsenceReason.Acl;
        return Publish(_live, [.. _suspects, .. back]);
    }

    /// <summary>The confirming read failed, or came too late to count: asks again later.</summary>
    /// <param name="denied">It was refused for lack of permission.</param>
    /// <param name="now">Monotonic time.</param>
    public void Unconfirmed(bool denied, TimeSpan now)
    {
        Doubt = denied ? AbsenceReason.Acl : Doubt;
        Postpone(now);
    }

    private AbsenceReason? Judge(int live, int missing, bool regressed)
    {
        var before = _live.Length + _suspects.Length;
        return regressed ? AbsenceReason.Regressed
            : live == 0 ? AbsenceReason.Empty
            : before >= SmallestShrink && live * 2 < before && missing * 2 > _live.Length ? AbsenceReason.Shrunk
            : null;
    }

    private void Postpone(TimeSpan now)
    {
        _rounds++;
        var windows = Math.Min(1 << Math.Min(_rounds, 8), LongestPauseInWindows);
        ConfirmAt = SuspectCount == 0 ? null : now + (window * windows);
    }

    /// <summary>
    /// Descriptions that did not change keep their instance, so that whoever compares can do so by reference.
    /// </summary>
    private EndpointInfo[] Reuse(IReadOnlyList<EndpointInfo> answer)
    {
        if (Endpoints.Count == 0)
        {
            return [.. answer];
        }

        var known = Endpoints.ToDictionary(e => e.Id, StringComparer.Ordinal);
        return [.. answer.Select(e => known.TryGetValue(e.Id, out var old) && EndpointContent.Same(old, e) ? old : e)];
    }

    private bool Publish(EndpointInfo[] live, EndpointInfo[] suspects)
    {
        EverSeen |= live.Length > 0;
        var changed = !SameSet(_live, live) || !SameSet(_suspects, suspects);
        _live = live;
        _suspects = suspects;
        if (suspects.Length == 0)
        {
            Doubt = AbsenceReason.None;
            ConfirmAt = null;
        }

        if (changed)
        {
            Endpoints = [.. live, .. suspects];
        }

        return changed;
    }

    private static HashSet<string> Ids(EndpointInfo[] endpoints)
    {
        var ids = new HashSet<string>(endpoints.Length, StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
        {
            ids.Add(endpoint.Id);
        }

        return ids;
    }

    private static bool SameSet(EndpointInfo[] before, EndpointInfo[] after)
    {
        if (before.Length != after.Length)
        {
            return false;
        }

        var old = new HashSet<EndpointInfo>(before, ReferenceEqualityComparer.Instance);
        return after.All(old.Contains);
    }
}
