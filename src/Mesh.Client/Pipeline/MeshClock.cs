namespace Mesh.Client.Pipeline;

/// <summary>
/// Arithmetic on the timestamps of a <see cref="TimeProvider"/>, whatever their frequency. Durations are differences of
/// monotonic timestamps, never of wall clocks.
/// </summary>
internal sealed class MeshClock
{
    private readonly long _origin;
    private readonly double _secondsPerTick;
    private readonly double _ticksPerSecond;

    public MeshClock(TimeProvider time)
    {
        Time = time;
        _origin = time.GetTimestamp();
        _ticksPerSecond = time.TimestampFrequency;
        _secondsPerTick = 1 / _ticksPerSecond;
    }

    public TimeProvider Time { get; }

    public long Now => Time.GetTimestamp();

    /// <summary>Seconds from one timestamp to a later one; 0 when the clock went back.</summary>
    public double Seconds(long from, long to) => to <= from ? 0 : (to - from) * _secondsPerTick;

    /// <summary>
    /// Hundredths of a second since this clock was made, wrapped at 32 bits: coarse time for the packed state of
    /// estimators, which need no more. A difference of two is exact up to 248 days.
    /// </summary>
    public uint Centiseconds(long timestamp) => unchecked((uint)(long)((timestamp - _origin) * _secondsPerTick * 100));

    /// <summary>The timestamp <paramref name="span"/> after <paramref name="timestamp"/>.</summary>
    public long Add(long timestamp, TimeSpan span) => timestamp + (long)Math.Ceiling(span.TotalSeconds * _ticksPerSecond);

    /// <summary>How long it is from <paramref name="from"/> until <paramref name="to"/>; never negative.</summary>
    public TimeSpan Until(long from, long to) => TimeSpan.FromSeconds(Seconds(from, to));
}
