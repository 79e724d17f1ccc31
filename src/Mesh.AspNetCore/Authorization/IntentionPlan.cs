using System.Collections.Frozen;
using Mesh.Client;
using Mesh.Consul;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// The intentions about calls to this service, compiled. Immutable. One intention decides: the first, in the order of
/// <see cref="IntentionPrecedence"/>, that names the caller.
/// </summary>
internal sealed class IntentionPlan
{
    private readonly string? _trustDomain;
    private readonly IReadOnlyDictionary<string, string> _peers;
    private readonly bool? _defaultAllows;
    private readonly IntentionEntry[] _all;
    private readonly IntentionEntry[] _wildcards;
    private readonly FrozenDictionary<string, IntentionEntry[]>.AlternateLookup<ReadOnlySpan<char>> _bySource;

    /// <param name="intentions">Those whose destination is this service, or any.</param>
    /// <param name="defaultAllows">The registry's default; <see langword="null"/> while nobody could say: it denies.</param>
    /// <param name="trustDomain">Of this process; <see langword="null"/> without an identity.</param>
    /// <param name="peers">Names of cluster peers by their trust domain.</param>
    /// <param name="precedence">Which intention comes first.</param>
    public IntentionPlan(
        IEnumerable<Intention> intentions,
        bool? defaultAllows,
        string? trustDomain,
        IReadOnlyDictionary<string, string> peers,
        IntentionPrecedence precedence)
    {
        (_defaultAllows, _trustDomain, _peers) = (defaultAllows, trustDomain, peers);
        var sorted = precedence.Sort(intentions).Select(i => (i.SourceName, Entry: new IntentionEntry(i))).ToArray();
        _all = [.. sorted.Select(s => s.Entry)];
        _wildcards = [.. sorted.Where(s => s.SourceName == Intention.Wildcard).Select(s => s.Entry)];
        _bySource = sorted.Select(s => s.SourceName).Where(n => n != Intention.Wildcard).Distinct()
            .ToFrozenDictionary(
                name => name,
                name => sorted.Where(s => s.SourceName == name || s.SourceName == Intention.Wildcard)
                    .Select(s => s.Entry).ToArray(),
                StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Some verdict may depend on the end user.</summary>
    public bool NeedsUser => Array.Exists(_all, e => e.NeedsUser);

    /// <summary>Nobody is named, and who is not named is allowed: there is nothing to decide.</summary>
    public bool AllowsAll => _all.Length == 0 && _defaultAllows == true;

    /// <summary>Of intentions that are not understood in full.</summary>
    public IEnumerable<string> NotUnderstood => _all.Where(e => !e.IsUnderstood).Select(e => e.Detail);

    public Verdict Decide(in CallerId caller, HttpRequest request, EndUser user)
    {
        if (!caller.IsIdentified)
        {
            return DecideUnidentified(request);
        }

        // Not heard of our own domain yet, while a handshake has already been made with it: then a name in the mesh tells.
        var isLocal = _trustDomain is null ? caller.MeshName is not null : caller.Id!.TrustDomain == _trustDomain;
        var peer = isLocal ? null : _peers.GetValueOrDefault(caller.Id!.TrustDomain);
        foreach (var entry in _bySource.TryGetValue(caller.Service, out var named) ? named : _wildcards)
        {
            if (entry.Names(caller, isLocal, peer))
            {
                return new Verdict(
                    entry.Decide(request, user, _defaultAllows == true), Verdict.Intention, entry.Detail);
            }
        }

        return NoMatch("no intention names the caller");
    }

    /// <summary>
    /// Who proved nothing could be anybody. No allowance is meant for him, not even one for all services; every denial may
    /// be, or leaving out the certificate would be the way around it.
    /// </summary>
    private Verdict DecideUnidentified(HttpRequest request)
    {
        foreach (var entry in _defaultAllows == true ? _all : [])
        {
            if (entry.Decide(request, EndUser.Nobody, defaultAllows: true) != VerdictKind.Allow)
            {
                return new Verdict(
                    VerdictKind.Deny, Verdict.Intention, $"the caller proved no identity: {entry.Detail}", IsNoMatch: true);
            }
        }

        return NoMatch("the caller proved no identity");
    }

    private Verdict NoMatch(string why) => _defaultAllows == true
        ? Verdict.Allow
        : new Verdict(
            VerdictKind.Deny,
            Verdict.Intention,
            _defaultAllows is null ? $"{why}, and the registry's default is not known yet" : $"{why}: the registry's default",
            IsNoMatch: true);
}
