using Mesh.LoadBench.Load;

namespace Mesh.LoadBench;

/// <summary>Every window of a run.</summary>
internal sealed class Findings
{
    private readonly Dictionary<(string Variant, int InFlight), List<WindowResult>> _windows = [];

    /// <summary>The first eight seconds of each variant's process.</summary>
    public Dictionary<string, WindowResult> First { get; } = new(StringComparer.Ordinal);

    public IEnumerable<WindowResult> Everything => First.Values.Concat(_windows.Values.SelectMany(static list => list));

    public void Add(string variant, int inFlight, WindowResult result)
    {
        if (!_windows.TryGetValue((variant, inFlight), out var list))
        {
            _windows.Add((variant, inFlight), list = []);
        }

        list.Add(result);
    }

    public IReadOnlyList<WindowResult> Of(string variant, int inFlight) => _windows[(variant, inFlight)];

    public Spread Spread(string variant, int inFlight, Func<WindowResult, double> value) =>
        LoadBench.Spread.Of(Of(variant, inFlight).Select(value));

    /// <summary>A variant's figure with its baseline's of the same round, and only then the median.</summary>
    public Spread Paired(
        string variant,
        string baseline,
        int inFlight,
        Func<WindowResult, double> value,
        Func<double, double, double> compare) =>
        LoadBench.Spread.Of(Of(variant, inFlight).Zip(
            Of(baseline, inFlight), (own, other) => compare(value(own), value(other))));

    public Spread Ratio(string variant, string baseline, int inFlight, Func<WindowResult, double> value) =>
        Paired(variant, baseline, inFlight, value, static (own, other) => own / other);

    /// <summary>Throughput of the first eight seconds by that of the settled process (P13).</summary>
    public Spread WarmUp(string variant) =>
        Spread(variant, Plan.Saturated, window => First[variant].Rate / window.Rate);
}
