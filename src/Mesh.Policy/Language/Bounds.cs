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
    public static PerTimeShape<BudgetFloor> Floor { get; } = new(
        "a number of retries",
        "A budget's floor is a number of retries per time: \"3 per 10s\".",
        (0, 1000),
        (Second, TimeSpan.FromMinutes(1)),
        (count, window) => new BudgetFloor(count, window),
        floor => (floor.Count, floor.Window));

    /// <summary>A million a second is beyond any instance; over more than an hour a quota is nothing to keep in memory.</summary>
    public static PerTimeShape<RateLimit> Rate { get; } = new(
        "a number of requests",
        "A limit is a number of requests per time: \"100 per 1s\".",
        (1, 1_000_000),
        (Second, TimeSpan.FromHours(1)),
        (permits, window) => new RateLimit(permits, window),
        limit => (limit.Permits, limit.Window));

    /// <summary>As many as a rate may grant in its whole window.</summary>
    public static IntegerShape Burst { get; } = new(1, 1_000_000);

    /// <summary>Requests at a time: beyond a hundred thousand memory is the limit. Under 8 is a danger, not an error.</summary>
    public static IntegerShape Concurrency { get; } = new(1, 100_000);

    /// <summary>Warming up for more than an hour is a capacity problem, not a slow start.</summary>
    public static DurationShape SlowStart { get; } = new(Second, TimeSpan.FromHours(1));

    /// <summary>Failures in a row.</summary>
    public static IntegerShape Failures { get; } = new(1, 1000);

    /// <summary>Ejections: under a second nothing recovers; after a day somebody should have looked.</summary>
    public static DurationShape Ejection { get; } = new(Second, Day);
}
