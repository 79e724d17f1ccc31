namespace Mesh.Consul;

/// <summary>
/// How long a watch pauses between an answer and its next read. Changes are read as they come: eight in a row freely,
/// two a second for as long as they last, so none waits longer than half a second. Wake-ups that bring no change are
/// different: two are free, then each doubles the pause, from a quarter of a second until reads are down to one in
/// fifteen seconds (or the lower bound the watch asked for); a change, or fifteen seconds of quiet for each, makes them
/// free again.
/// </summary>
internal sealed class ReadPacer
{
    private const double FreeWakeUps = 2;
    private const double ChangeBurst = 8;
    private static readonly TimeSpan ChangeEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WakeUpEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _maxPause;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private long _at;
    private double _changesLeft = ChangeBurst;
    private double _wakeUps;

    public ReadPacer(TimeSpan maxPause, TimeProvider time, Random random)
    {
        _maxPause = maxPause;
        _time = time;
        _random = random;
        _at = time.GetTimestamp();
    }

    /// <summary>The pause after an answer that brought a change.</summary>
    public TimeSpan AfterChange()
    {
        PassTime();
        _wakeUps = 0;
        _changesLeft -= 1;
        return _changesLeft >= 0 ? TimeSpan.Zero : ChangeEvery * -_changesLeft;
    }

    /// <summary>The pause after an answer that came before its time and brought nothing new.</summary>
    public TimeSpan AfterIdleWakeUp()
    {
        PassTime();
        _wakeUps += 1;
        if (_wakeUps <= FreeWakeUps)
        {
            return TimeSpan.Zero;
        }

        // Ten doublings are far beyond any bound. The tenth of jitter keeps watches that were woken together apart.
        var doublings = Math.Min(_wakeUps - FreeWakeUps - 1, 10);
        var pause = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, doublings), _maxPause.TotalSeconds);
        return TimeSpan.FromSeconds(pause * (0.9 + (0.1 * _random.NextDouble())));
    }

    private void PassTime()
    {
        var now = _time.GetTimestamp();
        var elapsed = _time.GetElapsedTime(_at, now);
        _at = now;
        _wakeUps = Math.Max(0, _wakeUps - (elapsed / WakeUpEvery));
        _changesLeft = Math.Min(ChangeBurst, _changesLeft + (elapsed / ChangeEvery));
    }
}
