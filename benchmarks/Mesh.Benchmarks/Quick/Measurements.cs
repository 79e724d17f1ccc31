namespace Mesh.Benchmarks.Quick;

/// <summary>Every sample of a run, by variant and round; ratios are taken within a round, then summed up.</summary>
internal sealed class Measurements
{
    private readonly Dictionary<string, List<Sample>> _samples = new(StringComparer.Ordinal);

    /// <summary>Rounds that all variants have run.</summary>
    public int Rounds => _samples.Values.Min(static list => list.Count);

    public void Add(string key, Sample sample)
    {
        if (!_samples.TryGetValue(key, out var list))
        {
            _samples.Add(key, list = []);
        }

        list.Add(sample);
    }

    public Spread Nanoseconds(string key) => Spread.Of(_samples[key].Select(static sample => sample.Nanoseconds));

    /// <summary>Exact but for what the runtime itself allocates now and then, which the median leaves out.</summary>
    public double Bytes(string key) => Math.Round(Spread.Of(_samples[key].Select(static s => s.Bytes)).Median);

    /// <summary>Time of one variant by another's, of the same rounds.</summary>
    public Spread Ratio(string key, string baseline) =>
        Spread.Of(_samples[key].Zip(_samples[baseline], static (a, b) => a.Nanoseconds / b.Nanoseconds));

    /// <summary>What one variant adds to its baseline, by what another adds to the same, of the same rounds.</summary>
    public Spread AddedRatio(string key, string other, string baseline) => Spread.Of(
        _samples[baseline].Select((b, i) =>
            (_samples[key][i].Nanoseconds - b.Nanoseconds) / (_samples[other][i].Nanoseconds - b.Nanoseconds)));
}
