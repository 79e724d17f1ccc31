namespace Mesh.Policy.Merging;

/// <summary>Lays the sections <c>balance</c>, <c>outlier</c> and <c>transport</c> over their rules.</summary>
internal static class EndpointMerge
{
    private const string Protocol = "/transport/protocol";

    public static IReadOnlyList<string> Paths { get; } =
    [
        "/balance/algorithm", "/balance/slowStart", "/balance/panicBelow",
        "/outlier/enabled", "/outlier/consecutive", "/outlier/connectFailures", "/outlier/eject/base",
        "/outlier/eject/max", "/outlier/maxEjected", Protocol,
    ];

    public static BalanceRule Apply(BalanceRule below, BalanceSection? section, Layer layer) => section is null
        ? below
        : new BalanceRule
        {
            Algorithm = layer.Reference("/balance/algorithm", section.Algorithm, below.Algorithm),
            SlowStart = layer.Limit("/balance/slowStart", section.SlowStart, below.SlowStart) ?? TimeSpan.Zero,
            PanicBelow = layer.Limit("/balance/panicBelow", Ratio(section.PanicBelow), below.PanicBelow) ?? 0,
        };

    /// <summary>Writing the section turns ejection on again.</summary>
    public static OutlierRule Apply(OutlierRule below, Setting<OutlierSection>? setting, Layer layer)
    {
        if (setting is not { } outlier)
        {
            return below;
        }

        var enabled = layer.Value<bool>("/outlier/enabled", !outlier.IsOff, below.Enabled);
        if (outlier.IsOff)
        {
            return below with { Enabled = enabled };
        }

        var section = outlier.Value;
        var (first, longest) = layer.Range(
            "/outlier/eject", section.Eject?.Base, section.Eject?.Max, (below.EjectBase, below.EjectMax));
        return new OutlierRule
        {
            Enabled = enabled,
            Consecutive = layer.Value("/outlier/consecutive", section.Consecutive, below.Consecutive),
            ConnectFailures = layer.Value("/outlier/connectFailures", section.ConnectFailures, below.ConnectFailures),
            EjectBase = first,
            EjectMax = longest,
            MaxEjected = layer.Value("/outlier/maxEjected", section.MaxEjected?.Ratio, below.MaxEjected),
        };
    }

    public static TransportProtocol Apply(TransportProtocol below, TransportSection? section, Layer layer) =>
        layer.Value(Protocol, section?.Protocol, below);

    private static Setting<double>? Ratio(Setting<Percentage>? setting) => setting switch
    {
        null => null,
        { IsOff: true } => Setting<double>.Off,
        { } share => share.Value.Ratio,
    };
}
