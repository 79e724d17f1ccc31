namespace Mesh.AspNetCore.Limits;

/// <summary>
/// Finds out whether a limit that has long held requests back is any use: raises it by half for a few windows and looks at
/// what gets done. Where requests wait for each other, that is no more than before; where each waits for something else
/// that has become slower, it is half as much again. Used by one thread at a time.
/// </summary>
internal sealed class LimitTrial
{
    /// <summary>How much higher the limit is in a trial.</summary>
    public const double Step = 1.5;

    /// <summary>Windows in which the limit holds back before the first trial.</summary>
    public const int LeastPatience = 10;

    /// <summary>The same after trials that showed nothing, each of which doubles it: half a minute at least.</summary>
    public const int MostPatience = 320;

    // Windows whose throughput counts, before a trial and in it; and those in it until what was admitted before is done.
    private const int Counted = 5;
    private const int Settling = 2;

    private int _patience = LeastPatience;
    private int _held;
    private int _windows;
    private double _before;
    private long _count;
    private double _seconds;

    /// <summary>One is under way.</summary>
    public bool IsOn => _windows > 0;

    /// <summary>Nothing is held back any more: what was learnt of an overload is of the past.</summary>
    public void Forget() => (_patience, _held, _windows, _count, _seconds) = (LeastPatience, 0, 0, 0, 0);

    /// <summary>A window in which the limit held requests back. True: the limit is to be raised now.</summary>
    public bool IsDue(in MeasuredWindow window)
    {
        if (++_held > _patience - Counted)
        {
            Count(window);
        }

        if (_held < _patience)
        {
            return false;
        }

        (_before, _windows) = (_count / _seconds, 1);
        (_count, _seconds) = (0, 0);
        return true;
    }

    /// <summary>A window with the raised limit. What it showed; <see langword="null"/> while it goes on.</summary>
    public bool? Conclude(in MeasuredWindow window)
    {
        if (++_windows > Settling + 1)
        {
            Count(window);
        }

        if (_windows <= Settling + Counted)
        {
            return null;
        }

        // More than half of what would be more if nothing waited.
        return End(won: _count / _seconds >= _before * (1 + Step) / 2);
    }

    /// <summary>It ends without an answer.</summary>
    public void Abort() => End(won: false);

    private bool End(bool won)
    {
        var patience = won ? LeastPatience : Math.Min(_patience * 2, MostPatience);
        Forget();
        _patience = patience;
        return won;
    }

    private void Count(in MeasuredWindow window)
    {
        _count += window.Count;
        _seconds += window.Length.TotalSeconds;
    }
}
