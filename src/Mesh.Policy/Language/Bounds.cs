using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>The bounds of every number of the language, each with its reason.</summary>
internal static class Bounds
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>
    /// Deadlines of calls: a day is a job, not a call. Totals under 50 ms are a danger, not an error.
    /// </summary>
    public static DurationShape Deadline { get; } = new(Millisecond, Day);

    /// <summary>Connecting: a minute is beyond every TCP retransmission that still succeeds.</summary>
    public static DurationShape Connecting { get; } = new(Millisecond, TimeSpan.FromMinutes(1));

    /// <summary>A silent body: under 100 ms an ordinary garbage collection of the peer would cut it.</summary>
    public static DurationShape Idle { get; } = new(TimeSpan.FromMilliseconds(100), Day);

    /// <summary>
    /// Five attempts as in gRPC's retry design: with three layers that is already 125 calls at the bottom.
    /// </summary>
    public static IntegerShape Attempts { get; } = new(1, 5);

    /// <summary>Pauses: longer ones outlive the callers' patience.</summary>
    public static DurationShape Backoff { get; } = new(Millisecond, TimeSpan.FromMinutes(1));

    /// <summary>
    /// A budget of 100 % doubles the load of a service that is already in trouble: the most there is.
    /// </summary>
    public static PercentageShape Ratio { get; } = new(0, SplitRule.Whole);

    /// <summary>Windows of one second to one minute, as Finagle's budgets.</summary>
    public static BudgetFloorShape Floor { get; } = new(1000, Second, TimeSpan.FromMinutes(1));

    /// <summary>Warming up for more than an hour is a capacity problem, not a slow start.</summary>
    public static DurationShape SlowStart { get; } = new(Second, TimeSpan.FromHours(1));

    /// <summary>Failures in a row.</summary>
    public static IntegerShape Failures { get; } = new(1, 1000);

    /// <summary>Ejections: under a second nothing recovers; after a day somebody should have looked.</summary>
    public static DurationShape Ejection { get; } = new(Second, Day);
}
