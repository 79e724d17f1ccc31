using Mesh.AspNetCore.Door;
using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Wire;
using Mesh.Policy;

namespace Mesh.ConfigServer.Doors;

/// <summary>
/// Whose calls a security document would break that go well now: what it makes stricter, compared with who has come. Nobody
/// being known is no promise; see <see cref="DoorOutlooks"/> for what it is worth.
/// </summary>
internal sealed class Breakage(DoorOutlooks doors, ClientRegistry clients)
{
    /// <summary>What an author accepts to go on all the same; as a parameter of the call or in the document.</summary>
    public const string AcceptCode = DangerCodes.CallersWouldBreak;

    /// <param name="key">Where the document would stand.</param>
    /// <param name="good">The document.</param>
    /// <param name="state">What is in force now; <see langword="null"/> when nothing is known.</param>
    public IReadOnlyList<CallerBreakWire> Of(PolicyKey key, GoodDocument good, DeskState? state)
    {
        if (good.Security is not { } document)
        {
            return [];
        }

        string[] services = key.Scope == PolicyScope.Global
            ? [.. doors.Services().Concat(clients.Services()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : [key.Name!];
        return [.. services.SelectMany(service => Of(service, key, document, state))];
    }

    /// <summary>One line for people, bounded: <c>orders: batch (12 requests, inbound.tls)</c>.</summary>
    public static string Describe(IReadOnlyList<CallerBreakWire> breaks)
    {
        const int most = 10;
        var told = breaks.Take(most).Select(b =>
            $"{b.Service}: {b.Caller} ({b.Count} {(b.LastSeen is null ? "instance" : "request")}{(b.Count == 1 ? "" : "s")}, " +
            $"{b.Setting}{(b.Rule is null ? "" : $" rule {b.Rule}")})");
        return string.Join("; ", told) + (breaks.Count > most ? $"; and {breaks.Count - most} more" : "");
    }

    private IEnumerable<CallerBreakWire> Of(
        string service, PolicyKey key, SecurityDocument document, DeskState? state)
    {
        var global = state?.InForce(PolicyKey.GlobalSecurity)?.Security;
        var own = state?.InForce(PolicyKey.SecurityOf(service))?.Security;
        var before = SecurityMerger.Merge(service, global, own);
        var after = key.Scope == PolicyScope.Global
            ? SecurityMerger.Merge(service, document, own)
            : SecurityMerger.Merge(service, global, document);
        IEnumerable<CallerBreakWire>[] all =
        [
            before.InboundTls < InboundTls.Strict && after.InboundTls == InboundTls.Strict ? ByStrictTls(service) : [],
            before.Intentions < RuleMode.Enforce && after.Intentions == RuleMode.Enforce
                ? doors.WouldDeny(service).Where(c => c.Rule == DoorLedger.Intention).Select(c => Break(service, SecurityLocks.Intentions, c))
                : [],
            ByRules(service, before, after),
            before.OutboundTls < OutboundTls.Require && after.OutboundTls == OutboundTls.Require ? ByRequiredTls(service) : [],
        ];
        return all.SelectMany(b => b);
    }

    private IEnumerable<CallerBreakWire> ByStrictTls(string service)
    {
        var bare = doors.Alive(service).Count(d => d.Report.Identity is null);
        if (bare > 0)
        {
            yield return new CallerBreakWire { Service = service, Setting = SecurityLocks.InboundTls, Caller = "everybody", Count = bare };
        }

        foreach (var caller in doors.Plaintext(service))
        {
            yield return Break(service, SecurityLocks.InboundTls, caller);
        }
    }

    /// <summary>Denials that were only counted and now act.</summary>
    private IEnumerable<CallerBreakWire> ByRules(string service, SecurityPolicy before, SecurityPolicy after)
    {
        var (acted, acts) = (Acting(before), Acting(after));
        return doors.WouldDeny(service)
            .Where(c => c.Rule is { } rule && rule != DoorLedger.Intention && acts.Contains(rule) && !acted.Contains(rule))
            .Select(c => Break(service, SecurityLocks.Authorization, c) with { Rule = c.Rule });
    }

    private static HashSet<string> Acting(SecurityPolicy policy) =>
        new[] { policy.LockedAuthorization, policy.Authorization }.SelectMany(a => a?.Rules ?? [])
            .Where(r => r.Action == AuthorizationAction.Deny && !r.Shadow).Select(r => r.Name)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Services it calls, some instance of which is known to speak plaintext only.</summary>
    private IEnumerable<CallerBreakWire> ByRequiredTls(string service) =>
        from upstream in clients.UpstreamsOf(service)
        let bare = doors.Alive(upstream).Count(d => d.Report.Identity is null || d.Report.Tls == "off")
        where bare > 0
        select new CallerBreakWire { Service = upstream, Setting = SecurityLocks.OutboundTls, Caller = service, Count = bare };

    private static CallerBreakWire Break(string service, string setting, DoorCallerWire caller) => new()
    {
        Service = service,
        Setting = setting,
        Caller = caller.Caller,
        Count = caller.Count,
        LastSeen = caller.LastSeen,
    };
}
