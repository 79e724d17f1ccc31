using Mesh.Consul;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// An intention compiled. It decides alone about the callers it names: when none of its permissions matches, or its token
/// is missing, the registry's default does, and never the next intention.
/// </summary>
internal sealed class IntentionEntry
{
    private readonly Intention _intention;
    private readonly PermissionEntry[] _permissions;

    public IntentionEntry(Intention intention)
    {
        _intention = intention;
        _permissions = [.. intention.Permissions.Select(p => new PermissionEntry(p))];
        Detail = $"{(intention.SourcePeer is { } peer ? peer + "/" : "")}{intention.SourceName} -> {intention.DestinationName}";
    }

    /// <summary>For the log.</summary>
    public string Detail { get; }

    /// <summary>Something it says depends on a token.</summary>
    public bool NeedsUser => _intention.TokenProviders is { Count: > 0 } ||
        _intention.Permissions.Any(p => p.TokenProviders is { Count: > 0 });

    public bool IsUnderstood => Array.TrueForAll(_permissions, p => p.IsUnderstood);

    /// <summary>Whether it is about this caller.</summary>
    /// <param name="caller">Identified.</param>
    /// <param name="isLocal">The caller is of this process's own trust domain.</param>
    /// <param name="peer">The peer that the caller's trust domain belongs to, when it is known.</param>
    public bool Names(in CallerId caller, bool isLocal, string? peer)
    {
        if (caller.Service.IsEmpty ||
            (_intention.SourceName != Intention.Wildcard && !caller.Service.SequenceEqual(_intention.SourceName)))
        {
            return false;
        }

        if (_intention.SourceSamenessGroup is not null)
        {
            // Who is of the group is not to be known here: as far as it denies, everybody of that name.
            return _intention.Action == IntentionAction.Deny;
        }

        if (_intention.SourceNamespace != Intention.Wildcard &&
            !caller.Namespace.SequenceEqual(_intention.SourceNamespace))
        {
            return false;
        }

        return _intention.SourcePeer is { } from
            ? !isLocal && from == peer
            : isLocal && caller.Partition.SequenceEqual(_intention.SourcePartition);
    }

    /// <summary>What it says about a request of a caller whom it names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="user">The end user.</param>
    /// <param name="defaultAllows">The registry's default.</param>
    public VerdictKind Decide(HttpRequest request, EndUser user, bool defaultAllows)
    {
        if (_intention.SourceSamenessGroup is not null)
        {
            return VerdictKind.Deny;
        }

        switch (TokenRequirement.Of(_intention.TokenProviders, user))
        {
            case Fit.NeedsUser:
                return VerdictKind.NeedsUser;
            case Fit.No:
                return Verb(defaultAllows);
        }

        if (_permissions.Length == 0)
        {
            return Verb(_intention.Action == IntentionAction.Allow);
        }

        foreach (var permission in _permissions)
        {
            switch (permission.Of(request, user))
            {
                case Fit.Yes:
                    return Verb(permission.Allows);
                case Fit.Ambiguous:
                    return VerdictKind.Ambiguous;
                case Fit.NeedsUser:
                    return VerdictKind.NeedsUser;
            }
        }

        return Verb(defaultAllows);
    }

    private static VerdictKind Verb(bool allows) => allows ? VerdictKind.Allow : VerdictKind.Deny;
}
