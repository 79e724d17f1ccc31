namespace Mesh.AspNetCore.Limits;

/// <summary>
/// Finds out whether a limit that has long held requests back is the right one, by what gets done under another for a few
/// windows, lower and higher in turn. Where requests wait for each other, fewer at a time get as much done, and sooner; where
/// each waits for something else that has become slower, more at a time get more done. Used by one thread at a time.
/// </summary>
internal sealed class LimitTrial
{
    /// <summary>Windows in which the limit holds back before the first trial.</summary>
    public const int LeastPatience = 10;

    /// <summary>The same after trials that showed nothing, each pair of which doubles it: half a minute at least.</summary>
    public const int MostPatience = 320;

    private const double Lower = 0.7;
    private const double Higher = 1.5;

    // A lower limit is as good when less than a tenth is lost; a higher one when more than half of what it could bring comes.
    private const double AsMuch = 0.9;
    private const double Enough = (1 + Higher) / 2;

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

    /// <summary>The one under way, or the last one, is with a lower limit.</summary>
    public bool IsLower { get; private set; }

    /// <summary>Nothing is held back any more: what was learnt of an overload is of the past.</summary>
    public void Forget()
    {
        Clear();
        (_patience, IsLower) = (LeastPatience, false);
    }

    /// <summary>
    /// A window in which the limit held requests back. By what the limit is to be multiplied now; <see langword="null"/>:
    /// by nothing yet.
    /// </summary>
    /// <param name="window">The window.</param>
    /// <param name="mayFall">The limit is not the lowest.</param>
    public double? Next(in MeasuredWindow window, bool mayFall)
    {
        if (++_held > _patience - Counted)
        {
            Count(window);
        }

        if (_held < _patience)
        {
            return null;
        }

        (_before, _windows) = (_count / _seconds, 1);
        (_count, _seconds) = (0, 0);
        IsLower = mayFall && !IsLower;
        return IsLower ? Lower : Higher;
    }

    /// <summary>A window of the trial. Whether its limit is the better one; <see langword="null"/> while it goes on.</summary>
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

        var won = _count / _seconds >= _before * (IsLower ? AsMuch : Enough);
        End(won);
        return won;
    }

    /// <summary>It ends without an answer.</summary>
    public void Abort() => End(won: false);

    private void End(bool won)
    {
        Clear();
        if (won)
        {
            // What helped once is tried again soon.
            (_patience, IsLower) = (LeastPatience, !IsLower);
        }
        else if (!IsLower)
        {
            _patience = Math.Min(_patience * 2, MostPatience);
        }
    }

    private void Clear() => (_held, _windows, _count, _seconds) = (0, 0, 0, 0);

    private void Count(in MeasuredWindow window)
    {
        _count += window.Count;
        _seconds += window.Length.TotalSeconds;
    }
}
