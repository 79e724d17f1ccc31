namespace Mesh.Policy.Merging;

/// <summary>Lays a section <c>inbound</c> over a policy. Writing a limit of concurrency turns it on again.</summary>
internal static class InboundMerge
{
    private const string Rate = "/inbound/rate";
    private const string Concurrency = "/inbound/concurrency";
    private const string Enabled = Concurrency + "/enabled";
    private const string Min = Concurrency + "/min";
    private const string Max = Concurrency + "/max";

    public static IReadOnlyList<string> Paths { get; } =
        [Rate, Enabled, Concurrency + "/mode", Min, Max, Concurrency + "/shadow"];

    public static InboundPolicy Apply(InboundPolicy below, InboundSection? section, Layer layer)
    {
        if (section is null)
        {
            return below;
        }

        var rates = section.Rate is { } rate ? rate.IsOff ? [] : rate.Value : null;
        below = below with { Rates = layer.Reference(Rate, rates, below.Rates) };
        return section.Concurrency is { } limit
            ? below with { Concurrency = Apply(below.Concurrency, limit, layer) }
            : below;
    }

    private static InboundConcurrency? Apply(InboundConcurrency? below, Setting<ConcurrencySection> setting, Layer layer)
    {
        layer.Value<bool>(Enabled, !setting.IsOff, below is not null);
        if (setting.IsOff)
        {
            return null;
        }

        var (section, from) = (setting.Value, below ?? PolicyDefaults.Concurrency);
        var (min, max) = layer.Range(Concurrency, section.Min, section.Max, (from.Min, from.Max));
        return new InboundConcurrency
        {
            Adaptive = layer.Value(Concurrency + "/mode", section.Adaptive, from.Adaptive),
            Min = min,
            Max = max,
            Shadow = layer.Value(Concurrency + "/shadow", section.Shadow, from.Shadow),
        };
    }
}
