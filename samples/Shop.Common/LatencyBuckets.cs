namespace Shop.Common;

/// <summary>Logarithmic latency buckets, 5 % wide, from 50 microseconds to beyond a minute.</summary>
public static class LatencyBuckets
{
    private const double First = 0.00005;
    private const double Growth = 1.05;

    public const int Count = 300;

    public static int IndexOf(double seconds) =>
        Math.Clamp((int)Math.Ceiling(Math.Log(Math.Max(seconds, First) / First) / Math.Log(Growth)), 0, Count - 1);

    /// <summary>The upper edge of the bucket that holds the quantile, in milliseconds; 0 when nothing was counted.</summary>
    public static double Quantile(IReadOnlyList<long> buckets, double quantile)
    {
        var rank = (long)Math.Ceiling(buckets.Sum() * quantile);
        long seen = 0;
        for (var i = 0; i < buckets.Count && rank > 0; i++)
        {
            seen += buckets[i];
            if (seen >= rank)
            {
                return First * Math.Pow(Growth, i) * 1000;
            }
        }

        return 0;
    }
}
