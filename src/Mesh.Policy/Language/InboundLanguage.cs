using System.Globalization;
using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>The sections <c>inbound</c> and <c>transport</c> of traffic documents.</summary>
internal static class InboundLanguage
{
    private static readonly ObjectShape<RateRule> Rate =
        new ObjectShape<RateRule>(
            () => new RateRule { Name = "", Permits = 0, Window = TimeSpan.Zero, Burst = 0 }, allOrNothing: true)
            .Named(
                "rate",
                "Unique in the document; appears in metrics, logs and the RateLimit headers.",
                r => r.Name,
                (r, v) => r with { Name = v })
            .With(
                "match",
                MatchLanguage.OfTraffic,
                "Which requests draw on it: all parts must hold.",
                r => r.Match,
                (r, v) => r with { Match = v },
                "all requests")
            .With(
                "per",
                new WordShape<bool>(("caller", true), ("all", false)),
                "Each caller has a bucket of its own, or all share one.",
                r => r.PerCaller,
                (r, v) => r with { PerCaller = v },
                "caller")
            .With(
                "limit",
                Bounds.Rate,
                "Requests granted per time, by each instance.",
                r => r.Permits == 0 ? null : new RateLimit(r.Permits, r.Window),
                (r, v) => r with { Permits = v.Permits, Window = v.Window, Burst = r.Burst == 0 ? v.Permits : r.Burst },
                required: true)
            .With(
                "burst",
                Bounds.Burst,
                "What a full bucket holds: requests granted at once after a pause.",
                r => r.Burst == 0 ? null : r.Burst,
                (r, v) => r with { Burst = v },
                "the number of the limit")
            .With("shadow", new FlagShape(), Shadow, r => r.Shadow ? true : null, (r, v) => r with { Shadow = v }, "false");

    private const string Shadow = "Refusals are only counted.";

    public static ObjectShape<InboundSection> Inbound { get; } =
        new ObjectShape<InboundSection>(() => new InboundSection())
            .With(
                "rate",
                new OffShape<IReadOnlyList<RateRule>>(
                    new ListShape<RateRule>(Rate, 1, PolicyLimits.Rates, keepsRest: true)),
                "Token buckets, in order; every one that takes a request must grant it; replaces the inherited list.",
                s => s.Rate,
                (s, v) => s with { Rate = v },
                "off")
            .With(
                "concurrency",
                new ConcurrencyShape(Concurrency()),
                "How many requests run at a time in one instance.",
                s => s.Concurrency,
                (s, v) => s with { Concurrency = v },
                "off");

    public static ObjectShape<TransportSection> Transport { get; } =
        new ObjectShape<TransportSection>(() => new TransportSection())
            .With(
                "protocol",
                new WordShape<TransportProtocol>(Protocols),
                "The version of HTTP between members with identities.",
                s => s.Protocol,
                (s, v) => s with { Protocol = v },
                Protocols[(int)TransportProtocol.Auto].Word);

    public static (string Word, TransportProtocol Value)[] Protocols =>
    [
        ("auto", TransportProtocol.Auto), ("http1", TransportProtocol.Http1), ("http2", TransportProtocol.Http2),
    ];

    private static ObjectShape<ConcurrencySection> Concurrency() =>
        new ObjectShape<ConcurrencySection>(() => new ConcurrencySection(), SectionChecks.Concurrency, allOrNothing: true)
            .With(
                "mode",
                new WordShape<bool>(("adaptive", true), ("fixed", false)),
                "The limit follows the latency that is measured, or is max.",
                s => s.Adaptive,
                (s, v) => s with { Adaptive = v },
                "adaptive")
            .With(
                "min",
                Bounds.Concurrency,
                "Lowest limit, and where an adaptive one begins.",
                s => s.Min,
                (s, v) => s with { Min = v },
                PolicyDefaults.Concurrency.Min.ToString(CultureInfo.InvariantCulture))
            .With(
                "max",
                Bounds.Concurrency,
                "Highest limit.",
                s => s.Max,
                (s, v) => s with { Max = v },
                PolicyDefaults.Concurrency.Max.ToString(CultureInfo.InvariantCulture))
            .With("shadow", new FlagShape(), Shadow, s => s.Shadow, (s, v) => s with { Shadow = v }, "false");
}
