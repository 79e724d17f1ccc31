using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;

namespace Mesh.Client.Outliers;

/// <summary>
/// What outlier detection knows of one endpoint. The words that calls change are lock-free; <see cref="Eject"/>,
/// <see cref="Await"/> and <see cref="Readmit"/> are called under the upstream's lock only.
/// </summary>
internal sealed class OutlierState
{
    /// <summary>How long an endpoint waits for a call that could be repeated elsewhere before any call may try it.</summary>
    public static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);

    /// <summary>After this long without an outcome, another call may try: a probe may be a call that never ends.</summary>
    public static readonly TimeSpan ProbeLease = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an endpoint that may not go because enough are out already is not asked about again: while a whole
    /// service fails, thousands of failures a second would ask.
    /// </summary>
    public static readonly TimeSpan SparedFor = TimeSpan.FromSeconds(1);

    private ulong _run;
    private int _connectFailures;
    private int _phase;
    private long _waitingSince;
    private long _claimedAt;
    private int _ejections;
    private long _readmittedAt;
    private long _sparedUntil = long.MinValue;

    public EjectionPhase Phase => (EjectionPhase)Volatile.Read(ref _phase);

    /// <summary>Why it was ejected last; nobody listens on a dead port, so panic treats it differently.</summary>
    public EjectionReason Reason { get; private set; }

    /// <summary>When its ejection ends.</summary>
    public long EjectedUntil { get; private set; }

    /// <summary>Until then it is not asked about; written under the upstream's lock.</summary>
    public long SparedUntil
    {
        get => Volatile.Read(ref _sparedUntil);
        set => Volatile.Write(ref _sparedUntil, value);
    }

    /// <summary>Ejections that count for the length of the next one. Under the upstream's lock.</summary>
    public int Ejections => _ejections;

    /// <summary>Failures since the last success.</summary>
    public int Failures => FailureRun.Count(Volatile.Read(ref _run));

    /// <summary>An answer that speaks well of the endpoint; while all goes well this only reads.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _run) != 0)
        {
            Remember(failed: false);
        }

        Connected();
    }

    /// <summary>Whatever came, it came over a connection.</summary>
    public void Connected()
    {
        if (Volatile.Read(ref _connectFailures) != 0)
        {
            Volatile.Write(ref _connectFailures, 0);
        }
    }

    /// <summary>A failure that counts. The reason when the endpoint should be ejected for it; told to one caller only.</summary>
    public EjectionReason? Failed(AttemptOutcome outcome, bool late, OutlierPlan plan)
    {
        var run = late ? RememberLate() : Remember(failed: true);
        if (outcome == AttemptOutcome.ConnectFailed &&
            Interlocked.Increment(ref _connectFailures) >= plan.ConnectFailures &&
            Interlocked.Exchange(ref _connectFailures, 0) >= plan.ConnectFailures)
        {
            return EjectionReason.ConnectFailures;
        }

        // Whoever clears the run has seen the threshold passed; others begin a new one.
        return FailureRun.Count(run) >= plan.Consecutive && Interlocked.CompareExchange(ref _run, 0, run) == run
            ? EjectionReason.Consecutive
            : null;
    }

    /// <summary>
    /// Exactly one call gets the endpoint to try: one that could be repeated elsewhere, but after
    /// <see cref="ProbePatience"/> without such a call any.
    /// </summary>
    public bool TryClaim(long now, bool replaceable, MeshClock clock)
    {
        switch (Phase)
        {
            case EjectionPhase.Returning:
                if (!MayTry(now, replaceable, clock))
                {
                    return false;
                }

                // Before the phase, so that an outcome from before the claim is never taken for the probe's.
                Volatile.Write(ref _claimedAt, now);
                return TryMove(EjectionPhase.Returning, EjectionPhase.Probing);

            case EjectionPhase.Probing:
                var claimed = Volatile.Read(ref _claimedAt);
                return IsGivenUp(claimed, now, clock) &&
                       Interlocked.CompareExchange(ref _claimedAt, now, claimed) == claimed;

            default:
                return false;
        }
    }

    /// <summary>True when <see cref="TryClaim"/> would give the endpoint to a call now; claims nothing.</summary>
    public bool MayClaim(long now, bool replaceable, MeshClock clock) => Phase switch
    {
        EjectionPhase.Returning => MayTry(now, replaceable, clock),
        EjectionPhase.Probing => IsGivenUp(Volatile.Read(ref _claimedAt), now, clock),
        _ => false,
    };

    /// <summary>True when an attempt that began at <paramref name="started"/> is the probe.</summary>
    public bool IsProbe(long started) =>
        Phase == EjectionPhase.Probing && started >= Volatile.Read(ref _claimedAt);

    /// <summary>The probe ended without telling anything; another call may try.</summary>
    public void Unclaim() => TryMove(EjectionPhase.Probing, EjectionPhase.Returning);

    /// <summary>
    /// Out: the first time for the base length, then doubling; one step is forgiven for each base length of good
    /// conduct since the last return.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="plan">The rule in force.</param>
    /// <param name="jitter">0.8 to 1.2, so that endpoints ejected together do not return together.</param>
    /// <param name="now">Now.</param>
    /// <param name="clock">Reads timestamps.</param>
    /// <returns>For how long.</returns>
    public TimeSpan Eject(EjectionReason reason, OutlierPlan plan, double jitter, long now, MeshClock clock)
    {
        if (_ejections > 0 && reason != EjectionReason.ProbeFailed)
        {
            var forgiven = clock.Seconds(_readmittedAt, now) / Math.Max(plan.EjectBase.TotalSeconds, 0.001);
            _ejections = (int)Math.Max(0, _ejections - Math.Floor(forgiven));
        }

        // A probe that failed says nothing new of why: a dead port stays one.
        Reason = reason == EjectionReason.ProbeFailed ? Reason : reason;
        var length = plan.EjectBase;
        for (var i = 0; i < _ejections && length < plan.EjectMax; i++)
        {
            length *= 2;
        }

        length = (length < plan.EjectMax ? length : plan.EjectMax) * jitter;
        _ejections++;
        EjectedUntil = clock.Add(now, length);
        Forget();
        Volatile.Write(ref _phase, (int)EjectionPhase.Ejected);
        return length;
    }

    /// <summary>Its time has passed: it waits for a call that tries it.</summary>
    public void Await(long now)
    {
        Volatile.Write(ref _waitingSince, now);
        Volatile.Write(ref _phase, (int)EjectionPhase.Returning);
    }

    /// <summary>Back in.</summary>
    public void Readmit(long now)
    {
        _readmittedAt = now;
        Forget();
        Volatile.Write(ref _phase, (int)EjectionPhase.None);
    }

    private static bool IsGivenUp(long claimed, long now, MeshClock clock) => clock.Until(claimed, now) >= ProbeLease;

    private bool MayTry(long now, bool replaceable, MeshClock clock) =>
        replaceable || clock.Until(Volatile.Read(ref _waitingSince), now) >= ProbePatience;

    private void Forget()
    {
        Volatile.Write(ref _run, 0);
        Volatile.Write(ref _connectFailures, 0);
    }

    private bool TryMove(EjectionPhase from, EjectionPhase to) =>
        Interlocked.CompareExchange(ref _phase, (int)to, (int)from) == (int)from;

    private ulong Remember(bool failed)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _run);
            var next = FailureRun.With(seen, failed);
            if (next == seen || Interlocked.CompareExchange(ref _run, next, seen) == seen)
            {
                return next;
            }
        }
    }

    private ulong RememberLate()
    {
        while (true)
        {
            var seen = Volatile.Read(ref _run);
            var next = FailureRun.WithLateFailure(seen);
            if (next == seen || Interlocked.CompareExchange(ref _run, next, seen) == seen)
            {
                return next;
            }
        }
    }
}
