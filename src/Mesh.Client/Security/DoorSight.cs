using Mesh.Client.Policies;
using Mesh.Policy;

namespace Mesh.Client.Security;

/// <summary>
/// What this process tells of its door. Only the inbound half registers it: a process without one has no door.
/// </summary>
internal sealed class DoorSight(DoorLedger ledger, OwnPolicy own, IMeshIdentity identity, TimeProvider time)
{
    /// <summary>
    /// Rows of each kind in a report, which also has to hold what the process thinks of its documents. The rest is summed up.
    /// </summary>
    private const int MaxRows = 100;

    /// <summary>As a report says it.</summary>
    public InboundReport Look()
    {
        var security = own.Security;
        return new InboundReport
        {
            Tls = Word(security.InboundTls),
            Intentions = Word(security.Intentions),
            Identity = identity.Current?.Id.ToString(),
            Since = ledger.Since,
            At = time.GetUtcNow(),
            Plaintext = Bounded(
                [.. ledger.PlaintextCallers().Select(c => new PlaintextCallerReport(c.Caller, c.Count, c.LastSeen))],
                static rest => new PlaintextCallerReport(
                    DoorLedger.Others, rest.Sum(c => c.Count), rest.Max(c => c.LastSeen)),
                static row => row.Caller),
            WouldDeny = Bounded(
                [.. ledger.WouldBeDenied().Select(w => new WouldDenyReport(w.Key.Caller, w.Key.Rule, w.Count, w.LastSeen))],
                static rest => new WouldDenyReport(
                    DoorLedger.Others, DoorLedger.Others, rest.Sum(w => w.Count), rest.Max(w => w.LastSeen)),
                static row => row.Caller),
        };
    }

    private static T[] Bounded<T>(T[] rows, Func<T[], T> sumUp, Func<T, string> caller)
    {
        // Whoever is others already joins those that are left out, wherever it stands.
        T[] told = [.. rows.Where(r => caller(r) != DoorLedger.Others).Take(MaxRows)];
        T[] rest = [.. rows.Except(told)];
        return rest.Length == 0 ? told : [.. told, sumUp(rest)];
    }

    private static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();
}
