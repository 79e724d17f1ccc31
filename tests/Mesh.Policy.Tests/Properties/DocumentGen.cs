using FsCheck;
using FsCheck.Fluent;

namespace Mesh.Policy.Tests.Properties;

/// <summary>Valid traffic documents of every shape.</summary>
internal static class DocumentGen
{
    private static readonly string[] SubsetNames = ["v1", "v2", "canary"];

    /// <summary>The document of a service.</summary>
    public static Gen<TrafficDocument> OfService { get; } =
        from sections in OfGlobal()
        from hasSubsets in Gen.Elements(true, false)
        from onEmpty in Optional(Gen.Elements("v1"))
        from routes in Optional(Routes(hasSubsets))
        select sections with
        {
            Subsets = hasSubsets
                ? SubsetNames.ToDictionary(n => n, n => Subset(n, n == "v1" ? null : onEmpty))
                : null,
            Routes = routes,
        };

    /// <summary>The global document.</summary>
    public static Gen<TrafficDocument> OfGlobal() =>
        from meta in Optional(Gen.Elements(new PolicyMeta(), new PolicyMeta { Owner = "ä \"quoted\" <team>", Why = "line\nbreak" }))
        from accept in Optional(Gen.Constant<IReadOnlyList<string>>(DangerCodes.All))
        from timeout in Optional(Timeout(isRoute: false))
        from retry in OptionalOff(Retry(isRoute: false))
        from balance in Optional(Balance())
        from outlier in OptionalOff(Outlier())
        from protocol in OptionalValue(Gen.Elements(Enum.GetValues<TransportProtocol>()))
        from inbound in Optional(Inbound())
        select new TrafficDocument
        {
            Meta = meta,
            Accept = accept,
            Timeout = timeout,
            Retry = retry,
            Balance = balance,
            Outlier = outlier,
            Transport = protocol is null ? null : new TransportSection { Protocol = protocol },
            Inbound = inbound,
        };

    private static Gen<InboundSection> Inbound() =>
        from rates in OptionalOff(Rates())
        from concurrency in OptionalOff(Concurrency())
        select new InboundSection { Rate = rates, Concurrency = concurrency };

    private static Gen<IReadOnlyList<RateRule>> Rates() =>
        from count in Gen.Choose(1, 3)
        from permits in Gen.ArrayOf(Gen.Choose(1, 1_000_000), count)
        from bursts in Gen.ArrayOf(Gen.Choose(1, 1_000_000), count)
        from seconds in Gen.ArrayOf(Gen.Choose(1, 3_600), count)
        from flags in Gen.ArrayOf(Gen.Choose(0, 3), count)
        select (IReadOnlyList<RateRule>)[.. Enumerable.Range(0, count).Select(i => new RateRule
        {
            Name = $"rate-{i}",
            Match = flags[i] == 3 ? null : Match(i, null),
            PerCaller = flags[i] != 1,
            Permits = permits[i],
            Window = TimeSpan.FromSeconds(seconds[i]),
            Burst = bursts[i],
            Shadow = flags[i] == 2,
        })];

    private static Gen<ConcurrencySection> Concurrency() =>
        from adaptive in Gen.Elements<bool?>(null, true, false)
        from min in OptionalValue(Gen.Choose(1, 500))
        from max in OptionalValue(Gen.Choose(500, 100_000))
        from shadow in Gen.Elements<bool?>(null, true, false)
        select new ConcurrencySection { Adaptive = adaptive, Min = min, Max = max, Shadow = shadow };

    private static SubsetSection Subset(string name, string? onEmpty) => new()
    {
        Meta = new Dictionary<string, IReadOnlyList<string>> { ["version"] = [name], ["a/b~c"] = ["x", "y"] },
        OnEmpty = onEmpty,
    };

    private static Gen<IReadOnlyList<RouteSection>> Routes(bool hasSubsets) =>
        from count in Gen.Choose(1, 4)
        from splits in Gen.ArrayOf(Gen.Choose(0, 10_000), count)
        from timeouts in Gen.ArrayOf(Optional(Timeout(isRoute: true)), count)
        from retries in Gen.ArrayOf(OptionalOff(Retry(isRoute: true)), count)
        from headers in Gen.ArrayOf(Gen.Elements<StringMatchKind?>([null, .. Enum.GetValues<StringMatchKind>()]), count)
        select (IReadOnlyList<RouteSection>)[.. Enumerable.Range(0, count).Select(i => new RouteSection
        {
            Name = $"route-{i}",
            Match = Match(i, headers[i]),
            Split = hasSubsets && splits[i] % 3 != 0
                ? new Dictionary<string, Percentage> { ["v1"] = new(splits[i]), ["v2"] = new(10_000 - splits[i]) }
                : null,
            Timeout = timeouts[i],
            Retry = retries[i],
        })];

    private static MatchRule Match(int i, StringMatchKind? header) => new()
    {
        Methods = i % 2 == 0 ? ["GET", "POST"] : null,
        Paths = [new StringMatch(StringMatchKind.Prefix, $"/p{i}"), new StringMatch(StringMatchKind.Regex, "/[0-9]+é")],
        Headers = header is { } kind
            ? new Dictionary<string, StringMatch> { ["X-H"] = new(kind, kind >= StringMatchKind.Present ? "" : "v") }
            : null,
        Query = i == 3 ? new Dictionary<string, StringMatch> { ["q"] = new(StringMatchKind.Exact, "\"") } : null,
    };

    private static Gen<TimeoutSection> Timeout(bool isRoute) =>
        from total in OptionalOff(Span(10_000, 20_000))
        from attempt in OptionalOff(Span(2_000, 9_000))
        from idle in OptionalOff(Span(100, 90_000))
        from connect in OptionalValue(Span(1, 1_000))
        from handshake in OptionalValue(Span(1, 60_000))
        select new TimeoutSection
        {
            Total = total,
            Attempt = attempt,
            Idle = idle,
            Connect = isRoute ? null : connect,
            Handshake = isRoute ? null : handshake,
        };

    /// <summary>Bases and limits never cross, in one layer or over two: see the laws of the merge.</summary>
    private static Gen<RetrySection> Retry(bool isRoute) =>
        from attempts in OptionalValue(Gen.Choose(1, 5))
        from words in Optional(Gen.SubListOf("connect", "refused", "reset", "502", "429", "grpc:UNAVAILABLE", "grpc:DATA_LOSS"))
        from first in OptionalValue(Span(1, 25))
        from longest in OptionalValue(Span(250, 60_000))
        from ratio in OptionalValue(Share())
        from floor in OptionalValue(Gen.Choose(0, 1000).Select(n => new BudgetFloor(n, TimeSpan.FromSeconds(1 + (n % 60)))))
        from idempotent in Gen.Elements<bool?>(null, true, false)
        select new RetrySection
        {
            MaxAttempts = attempts,
            On = words is { Count: > 0 } ? [.. words] : null,
            Backoff = first is null && longest is null ? null : new BackoffSection { Base = first, Max = longest },
            Budget = isRoute ||
                (ratio is null && floor is null) ? null : new BudgetSection { Ratio = ratio, Floor = floor },
            IdempotentWithKey = isRoute ? idempotent : null,
        };

    private static Gen<BalanceSection> Balance() =>
        from algorithm in Optional(Gen.Elements("peak-ewma", "least-request", "round-robin", "random", "custom:mine"))
        from slowStart in OptionalOff(Span(1_000, 3_600_000))
        from panic in OptionalOff(Share().Where(s => s.Parts > 0))
        select new BalanceSection { Algorithm = algorithm, SlowStart = slowStart, PanicBelow = panic };

    private static Gen<OutlierSection> Outlier() =>
        from consecutive in OptionalValue(Gen.Choose(1, 1000))
        from connects in OptionalValue(Gen.Choose(1, 1000))
        from first in OptionalValue(Span(1_000, 30_000))
        from longest in OptionalValue(Span(300_000, 86_400_000))
        from share in OptionalValue(Share())
        select new OutlierSection
        {
            Consecutive = consecutive,
            ConnectFailures = connects,
            Eject = first is null && longest is null ? null : new EjectSection { Base = first, Max = longest },
            MaxEjected = share,
        };

    private static Gen<Percentage> Share() => Gen.Choose(0, 10_000).Select(parts => new Percentage(parts));

    private static Gen<TimeSpan> Span(int min, int max) =>
        Gen.Choose(min, max).Select(ms => TimeSpan.FromMilliseconds(ms));

    private static Gen<T?> Optional<T>(Gen<T> gen)
        where T : class => Gen.OneOf(Gen.Constant<T?>(null), gen.Select(v => (T?)v));

    private static Gen<T?> OptionalValue<T>(Gen<T> gen)
        where T : struct => Gen.OneOf(Gen.Constant<T?>(null), gen.Select(v => (T?)v));

    private static Gen<Setting<T>?> OptionalOff<T>(Gen<T> gen)
        where T : notnull => Gen.OneOf(
        Gen.Constant<Setting<T>?>(null), Gen.Constant<Setting<T>?>(Setting<T>.Off),
        gen.Select(v => (Setting<T>?)Setting<T>.On(v)));
}
