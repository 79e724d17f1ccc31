using System.Diagnostics;

namespace Mesh.LoadBench.Load;

/// <summary>Latencies in buckets half a percent wide, from a microsecond to a minute. One writer each.</summary>
internal sealed class LatencyHistogram
{
    private const double Width = 1.005;
    private const double Longest = 60e6;
    private static readonly double LogWidth = Math.Log(Width);
    private static readonly double TicksPerMicrosecond = Stopwatch.Frequency / 1e6;

    private readonly long[] _counts = new long[(int)(Math.Log(Longest) / LogWidth) + 2];

    public long Count { get; private set; }

    public void Add(long ticks)
    {
        var microseconds = Math.Clamp(ticks / TicksPerMicrosecond, 1, Longest);
        _counts[(int)(Math.Log(microseconds) / LogWidth)]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>In microseconds; 0 when there is nothing.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank && seen > 0)
            {
                return Math.Pow(Width, i + 0.5);
            }
        }

        return 0;
    }
}
