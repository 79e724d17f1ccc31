using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Wire;

namespace Mesh.ConfigServer.Doors;

/// <summary>Tells of each service who would break if its door were stricter, and how much that is worth.</summary>
internal sealed class DoorOutlooks(DoorBoard board, ClientRegistry clients, TimeProvider time)
{
    /// <summary>
    /// What is missing of a day at most where a day is said: instances are replaced one after the other, and the single one
    /// of a small service is away for minutes.
    /// </summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(30);

    /// <summary>All services.</summary>
    public DoorListWire List()
    {
        var doors = board.Doors();
        var silent = clients.WithoutDoor();
        return new DoorListWire
        {
            ListeningHours = Hours(board.ListeningFor),
            Doors =
            [
                .. doors.GroupBy(d => d.Service, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => Of(g.Key, [.. g], silent.GetValueOrDefault(g.Key))),
            ],
        };
    }

    /// <summary>Who came to a service in plaintext.</summary>
    public IReadOnlyList<DoorCallerWire> Plaintext(string service) => Plaintext(DoorsOf(service));

    /// <summary>Who would have been denied at a service, and by what.</summary>
    public IReadOnlyList<DoorCallerWire> WouldDeny(string service) => WouldDeny(DoorsOf(service));

    /// <summary>The doors of a service that report now.</summary>
    public KnownDoor[] Alive(string service) => [.. DoorsOf(service).Where(board.IsAlive)];

    /// <summary>The services that have told of a door.</summary>
    public string[] Services() => [.. board.Doors().Select(d => d.Service).Distinct(StringComparer.Ordinal)];

    private KnownDoor[] DoorsOf(string service) => [.. board.Doors().Where(d => d.Service == service)];

    private DoorWire Of(string service, KnownDoor[] doors, int silent)
    {
        KnownDoor[] alive = [.. doors.Where(board.IsAlive)];
        var facts = new DoorFacts(alive.Length, silent, Covered(doors, d => d.CountedFor), board.ListeningFor);
        var plaintext = facts with { Covered = Covered(doors, d => d.PlaintextCountedFor) };
        var bare = alive.Count(d => d.Report.Identity is null);
        return new DoorWire
        {
            Service = service,
            Instances = alive.Length,
            Identified = alive.Length - bare,
            Silent = silent,
            Strict = Outlook(plaintext, Plaintext(doors), bare, alive.Select(d => d.Report.Tls)),
            Enforce = Outlook(facts, WouldDeny(doors), 0, alive.Select(d => d.Report.Intentions)),
        };
    }

    private static DoorOutlookWire Outlook(
        DoorFacts facts, IReadOnlyList<DoorCallerWire> callers, int bare, IEnumerable<string> inForce)
    {
        var state = callers.Count > 0 ? "callers"
            : facts.Instances == 0 ? "unknown"
            : bare > 0 ? "no-identity"
            : facts.IsWholeDay(DoorBoard.Kept - Slack) ? "nobody"
            : "too-early";
        return new DoorOutlookWire
        {
            State = state,
            Detail = DoorWords.Of(state, facts, callers, bare),
            KnownHours = Hours(facts.Covered),
            InForce = [.. inForce.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Callers = callers,
        };
    }

    private IReadOnlyList<DoorCallerWire> Plaintext(IEnumerable<KnownDoor> doors) => Sum(
        from door in doors
        from row in door.Report.Plaintext
        select new Row(row.Caller, null, row.Count, AgeNow(door, row.LastSeen)));

    private IReadOnlyList<DoorCallerWire> WouldDeny(IEnumerable<KnownDoor> doors) => Sum(
        from door in doors
        from row in door.Report.WouldDeny
        select new Row(row.Caller, row.Rule, row.Count, AgeNow(door, row.LastSeen)));

    private DoorCallerWire[] Sum(IEnumerable<Row> rows) =>
    [
        .. from row in rows
        where row.Age <= DoorBoard.Kept
        group row by (row.Caller, row.Rule) into same
        let count = same.Sum(r => r.Count)
        orderby count descending, same.Key.Caller, same.Key.Rule
        select new DoorCallerWire
        {
            Caller = same.Key.Caller,
            Rule = same.Key.Rule,
            Count = count,
            LastSeen = time.GetUtcNow() - same.Min(r => r.Age),
            Instances = same.Count(),
        },
    ];

    private TimeSpan AgeNow(KnownDoor door, DateTimeOffset moment) =>
        time.GetElapsedTime(door.HeardAt) + door.AgeOf(moment);

    /// <summary>How much of the last day some instance has counted in.</summary>
    private TimeSpan Covered(KnownDoor[] doors, Func<KnownDoor, TimeSpan> counted)
    {
        var covered = TimeSpan.Zero;
        var reached = DoorBoard.Kept;
        foreach (var (from, to) in doors.Select(d => Span(d, counted(d))).OrderByDescending(s => s.From))
        {
            var start = from < reached ? from : reached;
            if (start > to)
            {
                covered += start - to;
                reached = to;
            }
        }

        return covered;
    }

    /// <summary>When it counted, as ages: the older first.</summary>
    private (TimeSpan From, TimeSpan To) Span(KnownDoor door, TimeSpan counted)
    {
        var heard = time.GetElapsedTime(door.HeardAt);
        return (heard + counted, board.IsAlive(door) ? TimeSpan.Zero : heard);
    }

    private static double Hours(TimeSpan span) =>
        Math.Round(Math.Min(span.TotalHours, DoorBoard.Kept.TotalHours), 2);

    private readonly record struct Row(string Caller, string? Rule, long Count, TimeSpan Age);
}
