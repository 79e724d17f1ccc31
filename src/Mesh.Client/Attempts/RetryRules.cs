using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>
/// Decides whether a failed attempt is followed by another. Pure: the budget is asked afterwards, by whoever acts.
/// <code>
/// 1 the mesh's own doing (transport retired)      always, at once
/// 2 the rule does not name the failure            stop
/// 3 nothing was sent, others are left             at once, uncounted
/// 4 shed by an overloaded member                  as 8, whatever the method, but on another endpoint only, and not when
///                                                 the request is itself a retry: each hop would multiply the load
/// 5 not processed, for the first time             at once, uncounted
/// 6 it may have been executed, and that matters   stop
/// 7 attempts, body, pushback, deadline used up    stop
/// 8 otherwise                                     after a pause, if the budget has it
/// </code>
/// </summary>
internal static class RetryRules
{
    /// <summary>
    /// Most uncounted attempts: 8. When half of all endpoints were dead, one call in 256 would meet nine of them, and by
    /// then they are suspect.
    /// </summary>
    public const int MostFree = 8;

    /// <summary>
    /// The longest pause a server may ask for of a call without a deadline of the mesh: beyond it the caller is better
    /// served by the answer at hand.
    /// </summary>
    public static readonly TimeSpan LongestPause = PolicyDefaults.AttemptCap;

    public static RetryDecision Decide(in RetryFacts facts, in AttemptVerdict verdict, Random random)
    {
        if (verdict.TransportGone)
        {
            return facts.Free < MostFree ? AtOnce(MeshReasons.Retired) : RetryDecision.Stop(MeshReasons.Attempts);
        }

        if (verdict.IsFinal && verdict.GrpcStatus <= GrpcStatus.Ok || !IsNamed(facts.Plan, verdict))
        {
            return RetryDecision.Final;
        }

        var reason = verdict.Outcome.Reason();
        if (verdict.Proof == Proof.Unsent && facts.OthersLeft && facts.Free < MostFree)
        {
            return AtOnce(reason);
        }

        if (verdict.IsShed && (facts.ProvenOnly || !facts.OthersLeft))
        {
            return RetryDecision.Stop(facts.ProvenOnly ? MeshReasons.NotOurs : MeshReasons.Overloaded);
        }

        if (verdict is { Proof: Proof.NotProcessed, IsShed: false } && facts.Free == 0 && facts.BodyAtHand)
        {
            return AtOnce(reason);
        }

        return Blocked(facts, verdict) is { } why ? RetryDecision.Stop(why) : AfterPause(facts, verdict, reason, random);
    }

    private static bool IsNamed(RetryPlan plan, in AttemptVerdict verdict) => verdict switch
    {
        { IsShed: true } when plan.Names(RetryConditions.Refused) => true,
        { GrpcStatus: > GrpcStatus.Ok } => plan.NamesGrpcStatus(verdict.GrpcStatus),
        { StatusCode: > 0 } => plan.NamesStatus(verdict.StatusCode),
        { Outcome: AttemptOutcome.TimedOut } => plan.Enabled,
        _ => plan.Names(verdict.Condition),
    };

    private static string? Blocked(in RetryFacts facts, in AttemptVerdict verdict)
    {
        if (verdict.Proof == Proof.None && facts.ProvenOnly)
        {
            return MeshReasons.NotOurs;
        }

        // A server that answers with a time to come back at has decided that coming back is safe.
        if (verdict.Proof == Proof.None && !facts.Repeatable && verdict.Pushback.Delay is null)
        {
            return MeshReasons.Unsafe;
        }

        if (facts.Counted >= facts.Plan.MaxAttempts)
        {
            return MeshReasons.Attempts;
        }

        if (verdict.Proof != Proof.Unsent && !facts.BodyAtHand)
        {
            return MeshReasons.Body;
        }

        return verdict.Pushback is { IsGiven: true, Delay: null } ? MeshReasons.Pushback : null;
    }

    private static RetryDecision AfterPause(
        in RetryFacts facts, in AttemptVerdict verdict, string reason, Random random)
    {
        var asked = verdict.Pushback.Delay ?? verdict.RetryAfter;
        var pause = verdict.Outcome == AttemptOutcome.TimedOut
            ? TimeSpan.Zero
            : verdict.Pushback.Delay
                ?? (asked ?? TimeSpan.Zero) + Backoff.Next(facts.Plan.Rule, facts.Counted - 1, random);
        if (facts.Left is { } left && pause >= left)
        {
            return RetryDecision.Stop(MeshReasons.Deadline);
        }

        if (facts.Left is null && asked > LongestPause)
        {
            return RetryDecision.Stop(MeshReasons.RetryAfter);
        }

        return new RetryDecision(RetryKind.Budgeted, reason, pause);
    }

    private static RetryDecision AtOnce(string reason) => new(RetryKind.Free, reason, TimeSpan.Zero);
}
