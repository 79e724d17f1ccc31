using Mesh.AspNetCore.Door;
using Mesh.Client;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>All that decides about requests, as of one moment. Immutable.</summary>
/// <param name="Intentions">The registry's word; <see langword="null"/> while it is not known.</param>
/// <param name="Locked">
/// The rules that the mesh locks for every service; <see langword="null"/> allows all. Asked by themselves: what they allow is
/// still the service's to deny.
/// </param>
/// <param name="Rules">The service's own, or what it inherits; <see langword="null"/> allows all.</param>
/// <param name="Enforces">The verdict about callers that no intention names acts.</param>
/// <param name="Waits">The registry's first word is worth waiting for; <see langword="null"/> when it is not.</param>
internal sealed record AuthorizationState(
    IntentionPlan? Intentions, AuthorizationPlan? Locked, AuthorizationPlan? Rules, bool Enforces, Task? Waits)
{
    private static readonly Verdict Unknown =
        new(VerdictKind.Deny, Verdict.Intention, "the registry has not told its intentions yet", IsNoMatch: true);

    public bool NeedsUser { get; } =
        Intentions?.NeedsUser == true || Locked?.NeedsUser == true || Rules?.NeedsUser == true;

    /// <summary>All must allow.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">The end user.</param>
    /// <param name="tally">Is told of denials in shadow; <see langword="null"/> when they are not wanted.</param>
    public Verdict Judge(HttpContext context, EndUser user, AuthorizationTally? tally)
    {
        var caller = CallerId.Of(context.Features.Peer());
        if (Intentions is not null || Enforces)
        {
            var verdict = Intentions?.Decide(caller, context.Request, user) ?? Unknown;
            if (verdict.Kind != VerdictKind.Allow)
            {
                if (!verdict.IsNoMatch || Enforces)
                {
                    return verdict;
                }

                tally?.WouldDeny(context, Verdict.Intention, Reason(context, verdict), verdict.Detail);
            }
        }

        if (Locked?.Decide(caller, context, user, tally) is { Kind: not VerdictKind.Allow } denied)
        {
            return denied;
        }

        return Rules?.Decide(caller, context, user, tally) ?? Verdict.Allow;
    }

    /// <summary>The word for it.</summary>
    public static string Reason(HttpContext context, in Verdict verdict) => verdict switch
    {
        { Kind: VerdictKind.Ambiguous } => MeshReasons.AmbiguousPath,
        { IsNoMatch: true } when context.Features.Peer() is null => MeshReasons.Unidentified,
        { Rule: Verdict.Intention } => MeshReasons.Intention,
        _ => MeshReasons.Authorization,
    };
}
