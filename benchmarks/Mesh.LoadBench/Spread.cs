namespace Mesh.LoadBench;

/// <summary>A median and what it lay between.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>As <c>median (least–most)</c>.</summary>
    public string Text(string format) =>
        $"{Median.ToString(format)} ({Least.ToString(format)}–{Most.ToString(format)})";
}
