using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Policy;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// What this process tells of its door, to reports and to <c>/mesh</c>.
/// </summary>
internal sealed class DoorSight : IDoorSight, IDisposable
{
    /// <summary>
    /// Rows of each kind in a report, which also has to hold what the process thinks of its documents. The rest is summed up.
    /// </summary>
    private const int MaxRows = 100;

    private readonly DoorLedger _ledger;
    private readonly OwnPolicy _own;
    private readonly IMeshIdentity _identity;
    private readonly TimeProvider _time;

    // Guards the field below: policy and identity change on threads of their own.
    private readonly Lock _gate = new();
    private DateTimeOffset? _plaintextSince;

    public DoorSight(DoorLedger ledger, OwnPolicy own, IMeshIdentity identity, TimeProvider time)
    {
        (_ledger, _own, _identity, _time) = (ledger, own, identity, time);
        own.Changed += Review;
        identity.Changed += Review;
        Review();
    }

    public void Dispose()
    {
        _own.Changed -= Review;
        _identity.Changed -= Review;
    }

    public InboundReport Look()
    {
        var security = _own.Security;
        return new InboundReport
        {
            Tls = SecurityWords.Of(security.InboundTls),
            Intentions = SecurityWords.Of(security.Intentions),
            Identity = _identity.Current?.Id.ToString(),
            Since = _ledger.Since,
            PlaintextSince = PlaintextSince,
            At = _time.GetUtcNow(),
            Plaintext = Bounded(
                [.. _ledger.PlaintextCallers().Select(c => new PlaintextCallerReport(c.Caller, c.Count, c.LastSeen))],
                static rest => new PlaintextCallerReport(
                    DoorLedger.Others, rest.Sum(c => c.Count), rest.Max(c => c.LastSeen)),
                static row => row.Caller),
            WouldDeny = Bounded(
                [.. _ledger.WouldBeDenied().Select(w => new WouldDenyReport(w.Key.Caller, w.Key.Rule, w.Count, w.LastSeen))],
                static rest => new WouldDenyReport(
                    DoorLedger.Others, DoorLedger.Others, rest.Sum(w => w.Count), rest.Max(w => w.LastSeen)),
                static row => row.Caller),
        };
    }

    /// <summary>
    /// Since when nobody came in plaintext without being counted: a process that could not be strict counts nobody.
    /// </summary>
    public DateTimeOffset? PlaintextSince
    {
        get
        {
            lock (_gate)
            {
                return _plaintextSince;
            }
        }
    }

    private void Review()
    {
        var counts = _identity.Current is not null && _own.Security.InboundTls != InboundTls.Off;
        lock (_gate)
        {
            _plaintextSince = counts ? _plaintextSince ?? _time.GetUtcNow() : null;
        }
    }

    private static T[] Bounded<T>(T[] rows, Func<T[], T> sumUp, Func<T, string> caller)
    {
        // Whoever is others already joins those that are left out, wherever it stands.
        T[] told = [.. rows.Where(r => caller(r) != DoorLedger.Others).Take(MaxRows)];
        T[] rest = [.. rows.Except(told)];
        return rest.Length == 0 ? told : [.. told, sumUp(rest)];
    }
}
