using System.Security.Claims;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>One rule of <c>inbound.authorization</c>, compiled.</summary>
internal sealed class AuthorizationEntry
{
    private const string Scheme = "spiffe://";

    private readonly AuthorizationRule _rule;
    private readonly RequestConditions _conditions;
    private readonly (string Text, bool IsPrefix)[]? _ids;
    private readonly string[]? _services;
    private readonly bool _anybodyIdentified;

    public AuthorizationEntry(AuthorizationRule rule)
    {
        _rule = rule;
        _conditions = RequestConditions.Of(rule);
        _anybodyIdentified = rule.Callers?.Contains("*") == true;
        _services = rule.Callers?.Where(c => !c.StartsWith(Scheme, StringComparison.Ordinal) && c != "*").ToArray();
        _ids = rule.Callers?.Where(c => c.StartsWith(Scheme, StringComparison.Ordinal))
            .Select(c => c.EndsWith("/*", StringComparison.Ordinal) ? (c[..^1], true) : (c, false)).ToArray();
    }

    public string Name => _rule.Name;

    public bool Allows => _rule.Action == AuthorizationAction.Allow;

    public bool IsShadow => _rule.Shadow;

    public bool NeedsUser => _rule.Claims is { Count: > 0 };

    /// <param name="caller">Who calls.</param>
    /// <param name="trustDomain">This process's: a service's name means a service of it.</param>
    /// <param name="request">The request.</param>
    /// <param name="user">The end user.</param>
    public Fit Of(in CallerId caller, string? trustDomain, HttpRequest request, EndUser user)
    {
        if (!Names(caller, trustDomain))
        {
            return Fit.No;
        }

        var fit = _conditions.Of(request);
        if (fit == Fit.No || !NeedsUser)
        {
            return fit;
        }

        return !user.IsKnown ? Fit.NeedsUser
            : user.Principal is { } principal && HasClaims(principal) ? fit : Fit.No;
    }

    private bool Names(in CallerId caller, string? trustDomain)
    {
        if (_rule.Callers is null)
        {
            return true;
        }

        if (!caller.IsIdentified)
        {
            return false;
        }

        return _anybodyIdentified || IsService(caller, trustDomain) || IsId(caller);
    }

    /// <summary>Only callers of the trust domain that this process had at the handshake have a name in the mesh.</summary>
    private bool IsService(in CallerId caller, string? trustDomain) => caller.MeshName is { } name &&
        (trustDomain is null || caller.Id!.TrustDomain == trustDomain) && Array.IndexOf(_services!, name) >= 0;

    /// <summary>Compared in its parts: no text is made of the caller's ID.</summary>
    private bool IsId(in CallerId caller)
    {
        foreach (var (text, isPrefix) in _ids!)
        {
            var rest = text.AsSpan(Scheme.Length);
            var (domain, path) = (caller.Id!.TrustDomain, caller.Id.Path);
            if (!rest.StartsWith(domain, StringComparison.Ordinal))
            {
                continue;
            }

            rest = rest[domain.Length..];
            if (isPrefix
                ? rest.StartsWith('/') && path.AsSpan().StartsWith(rest, StringComparison.Ordinal)
                : rest.SequenceEqual(path))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasClaims(ClaimsPrincipal user)
    {
        foreach (var (name, values) in _rule.Claims!)
        {
            var isScope = name is "scope" or "scp";
            if (!ClaimPath.Find(user, name).Any(c => values.Contains(c.Value, StringComparer.Ordinal) ||
                    (isScope && c.Value.Split(' ').Intersect(values, StringComparer.Ordinal).Any())))
            {
                return false;
            }
        }

        return true;
    }
}
