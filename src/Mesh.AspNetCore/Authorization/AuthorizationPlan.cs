using Mesh.Client;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// The rules of <c>inbound.authorization</c>, compiled. Immutable. The first rule that matches decides; one in shadow never
/// does, and a denial of it is told.
/// </summary>
internal sealed class AuthorizationPlan
{
    private const string Rule = "rule of inbound.authorization";

    private readonly AuthorizationEntry[] _entries;
    private readonly bool _otherwiseAllows;
    private readonly string? _trustDomain;

    public AuthorizationPlan(AuthorizationRules rules, string? trustDomain)
    {
        _entries = [.. rules.Rules.Select(r => new AuthorizationEntry(r))];
        _otherwiseAllows = rules.Otherwise == AuthorizationAction.Allow;
        _trustDomain = trustDomain;
    }

    /// <summary>Some verdict may depend on the end user.</summary>
    public bool NeedsUser => Array.Exists(_entries, e => e.NeedsUser);

    /// <param name="caller">Who calls.</param>
    /// <param name="context">The request.</param>
    /// <param name="user">The end user.</param>
    /// <param name="tally">Is told of denials in shadow; <see langword="null"/> when they are not wanted.</param>
    public Verdict Decide(in CallerId caller, HttpContext context, EndUser user, AuthorizationTally? tally)
    {
        foreach (var entry in _entries)
        {
            var fit = entry.Of(caller, _trustDomain, context.Request, user);
            if (fit == Fit.No || (entry.IsShadow && entry.Allows))
            {
                continue;
            }

            if (fit == Fit.NeedsUser)
            {
                return new Verdict(VerdictKind.NeedsUser, entry.Name, "");
            }

            if (entry.IsShadow)
            {
                // Refused too, when the path is ambiguous.
                tally?.WouldDeny(context, entry.Name, MeshReasons.Authorization, Rule);
                continue;
            }

            return new Verdict(Kind(fit, entry.Allows), entry.Name, Rule);
        }

        return _otherwiseAllows
            ? Verdict.Allow
            : new Verdict(VerdictKind.Deny, Verdict.Otherwise, "no rule of inbound.authorization matches");
    }

    private static VerdictKind Kind(Fit fit, bool allows) => fit == Fit.Ambiguous
        ? VerdictKind.Ambiguous
        : allows ? VerdictKind.Allow : VerdictKind.Deny;
}
