using System.Globalization;
using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>The sections <c>balance</c>, <c>outlier</c> and <c>subsets</c>: which endpoint gets a call.</summary>
internal static class EndpointLanguage
{
    /// <summary>Consul's limits on registered metadata: 64 pairs, keys of 128 and values of 512 characters.</summary>
    private const int MetaPairs = 64;

    private const int MetaKeyLength = 128;
    private const int MetaValueLength = 512;

    private static readonly ObjectShape<EjectSection> Eject =
        new ObjectShape<EjectSection>(() => new EjectSection(), SectionChecks.Eject)
            .With(
                "base",
                Bounds.Ejection,
                "Length of the first ejection; each further one doubles it.",
                s => s.Base,
                (s, v) => s with { Base = v },
                Durations.Format(PolicyDefaults.Outlier.EjectBase))
            .With(
                "max",
                Bounds.Ejection,
                "Longest ejection.",
                s => s.Max,
                (s, v) => s with { Max = v },
                Durations.Format(PolicyDefaults.Outlier.EjectMax));

    public static ObjectShape<BalanceSection> Balance { get; } =
        new ObjectShape<BalanceSection>(() => new BalanceSection())
            .With(
                "algorithm",
                new AlgorithmShape(),
                "How one endpoint is chosen out of many.",
                s => s.Algorithm,
                (s, v) => s with { Algorithm = v },
                PolicyDefaults.Balance.Algorithm)
            .With(
                "slowStart",
                new OffShape<TimeSpan>(Bounds.SlowStart),
                "How long a new or returned endpoint takes from 10 % to its full share.",
                s => s.SlowStart,
                (s, v) => s with { SlowStart = v },
                Durations.Format(PolicyDefaults.Balance.SlowStart))
            .With(
                "panicBelow",
                new OffShape<Percentage>(Bounds.Ratio),
                "When fewer than this share of the endpoints is fit, all of them are used.",
                s => s.PanicBelow,
                (s, v) => s with { PanicBelow = v },
                new Percentage((int)(PolicyDefaults.Balance.PanicBelow * SplitRule.Whole)).ToString())
            .Later("zone", "Preference for endpoints of the caller's zone.");

    public static OffShape<OutlierSection> Outlier { get; } = new(
        new ObjectShape<OutlierSection>(() => new OutlierSection())
            .With(
                "consecutive",
                Bounds.Failures,
                "Failures in a row (connect, reset, timeout, 502-504, gRPC UNAVAILABLE) that eject an endpoint.",
                s => s.Consecutive,
                (s, v) => s with { Consecutive = v },
                PolicyDefaults.Outlier.Consecutive.ToString(CultureInfo.InvariantCulture))
            .With(
                "connectFailures",
                Bounds.Failures,
                "Failed connects in a row that eject an endpoint.",
                s => s.ConnectFailures,
                (s, v) => s with { ConnectFailures = v },
                PolicyDefaults.Outlier.ConnectFailures.ToString(CultureInfo.InvariantCulture))
            .With("eject", Eject, "For how long, +-20 %.", s => s.Eject, (s, v) => s with { Eject = v })
            .With(
                "maxEjected",
                Bounds.Ratio,
                "Largest share out at one time; one endpoint may always go when there are two or more.",
                s => s.MaxEjected,
                (s, v) => s with { MaxEjected = v },
                new Percentage((int)(PolicyDefaults.Outlier.MaxEjected * SplitRule.Whole)).ToString()));

    public static MapShape<SubsetSection> Subsets { get; } = new(
        "a subset's name",
        TextRule.Label,
        Names.MaxLength,
        new ObjectShape<SubsetSection>(() => new SubsetSection(), allOrNothing: true)
            .With(
                "meta",
                new MapShape<IReadOnlyList<string>>(
                    "a metadata key",
                    null,
                    MetaKeyLength,
                    new ListShape<string>(
                        new TextShape("a metadata value", MetaValueLength), 1, 32, singleAllowed: true),
                    1,
                    MetaPairs),
                "Metadata an endpoint must carry: every key, with any of its values.",
                s => s.Meta.Count == 0 ? null : s.Meta,
                (s, v) => s with { Meta = v },
                required: true)
            .With(
                "onEmpty",
                new TextShape("a subset's name", Names.MaxLength, TextRule.Label),
                "The subset used when this one has no endpoint at all; without it such a call fails.",
                s => s.OnEmpty,
                (s, v) => s with { OnEmpty = v }),
        1,
        PolicyLimits.Subsets,
        keepsRest: true);
}
