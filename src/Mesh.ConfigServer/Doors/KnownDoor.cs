using Mesh.Policy;

namespace Mesh.ConfigServer.Doors;

/// <summary>
/// The door of one process as it was last told of. Everything that has a time is kept as an age at that moment: dates are
/// by the clock of the process, which may be wrong by days.
/// </summary>
/// <param name="Service">Whose door it is.</param>
/// <param name="Instance">The process.</param>
/// <param name="Report">What it said, bounded.</param>
/// <param name="HeardAt">When, as a timestamp of the desk.</param>
internal sealed record KnownDoor(string Service, string Instance, InboundReport Report, long HeardAt)
{
    /// <summary>How long the process had counted who would be denied when it was heard.</summary>
    public TimeSpan CountedFor { get; } = Age(Report, Report.Since);

    /// <summary>How long it had counted who comes in plaintext.</summary>
    public TimeSpan PlaintextCountedFor { get; } =
        Report.PlaintextSince is { } since ? Age(Report, since) : TimeSpan.Zero;

    /// <summary>How many rows it costs to keep it.</summary>
    public int Rows => Report.Plaintext.Count + Report.WouldDeny.Count;

    /// <summary>How long before the report something was.</summary>
    public TimeSpan AgeOf(DateTimeOffset moment) => Age(Report, moment);

    private static TimeSpan Age(InboundReport report, DateTimeOffset moment) =>
        report.At is { } at && at > moment ? at - moment : TimeSpan.Zero;
}
