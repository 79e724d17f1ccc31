namespace Mesh.AspNetCore.Registering;

/// <summary>One trouble that lasts: when to speak of it, and how long to wait before the next try.</summary>
internal sealed class Outage(TimeProvider time, Random random)
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    private long? _spoken;
    private int _failures;

    /// <summary>The trouble goes on. True when it should be logged: at first, and once a minute.</summary>
    public bool Continues()
    {
        _failures++;
        if (_spoken is { } at && time.GetElapsedTime(at) < Repeat)
        {
            return false;
        }

        _spoken = time.GetTimestamp();
        return true;
    }

    /// <summary>True when there was trouble that is over now.</summary>
    public bool Ends()
    {
        var ended = _failures > 0;
        _failures = 0;
        _spoken = null;
        return ended;
    }

    /// <summary>
    /// Half to all of an exponential pause: processes that lost the same agent come back spread out, and none at once.
    /// </summary>
    public TimeSpan Pause(TimeSpan most)
    {
        var pause = Math.Min(FirstPause.Ticks * Math.Pow(2, Math.Min(_failures - 1, 20)), most.Ticks);
        return TimeSpan.FromTicks((long)(pause * (0.5 + (random.NextDouble() / 2))));
    }
}
