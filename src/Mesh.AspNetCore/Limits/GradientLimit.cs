namespace Mesh.AspNetCore.Limits;

/// <summary>
/// How many requests may run at a time, by what their latency says. Requests that wait for each other take longer: as long
/// as they take about what they take when nothing waits (the baseline), the limit may grow; else it shrinks by the ratio.
/// Pure arithmetic on what windows measured; used by one thread at a time.
/// </summary>
/// <remarks>
/// A relative of Netflix's Gradient2, with what that lacks:
/// <list type="bullet">
/// <item>The baseline never learns from requests that waited, however long that lasts, so that a lasting overload is not
/// taken for the new normal and the limit does not creep up. It rises only while at most half the limit is in use, at the
/// lowest limit, where latency is what it is, and when a <see cref="LimitTrial"/> shows that more get done where more are let
/// in. One that was learnt in bad times is found out in the same way. That replaces probing with a limit pinned low.</item>
/// <item>At its start it doubles as long as that gets more done, so that a service that needs hundreds is not held at the
/// lowest limit for minutes.</item>
/// <item>Work items that wait for a thread cut it whatever the latency says: that is where overload of the processor begins.</item>
/// </list>
/// </remarks>
internal sealed class GradientLimit
{
    /// <summary>Latency may be this multiple of the baseline before the limit shrinks. Gradient2's.</summary>
    public const double Tolerance = 1.5;

    /// <summary>The share of a change for the worse that one window makes. Gradient2's.</summary>
    public const double Smoothing = 0.2;

    /// <summary>Least ratio of one window, whatever its latency. Gradient2's.</summary>
    public const double LeastGradient = 0.5;

    /// <summary>What is left of the limit after 100 ms of <see cref="LongQueue"/>. That of AIMD limits.</summary>
    public const double Backoff = 0.9;

    /// <summary>How fast the baseline falls, and rises where it may: a share for each window.</summary>
    public const double Fall = 0.2;

    /// <inheritdoc cref="Fall"/>
    public const double Rise = 0.05;

    /// <summary>
    /// Work that waits so long for a thread is overload: ten times what a full garbage collection of a small heap takes.
    /// </summary>
    public static readonly TimeSpan LongQueue = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly LimitTrial _trial = new();
    private int _min;
    private int _max;
    private double _limit;
    private bool _starting = true;
    private double _beforeTrial;
    private (double Limit, double Rate, bool Settled) _beforeDoubling;

    public GradientLimit(int min, int max)
    {
        _limit = min;
        Bound(min, max);
    }

    /// <summary>How many may run.</summary>
    public int Current => (int)_limit;

    /// <summary>Seconds a request takes when nothing waits; 0 before anything was measured.</summary>
    public double Baseline { get; private set; }

    /// <summary>Moves it into other bounds; what was learnt stays.</summary>
    public void Bound(int min, int max)
    {
        (_min, _max) = (min, Math.Max(min, max));
        _limit = Math.Clamp(_limit, _min, _max);
    }

    /// <summary>Learns from a window.</summary>
    public void Learn(in MeasuredWindow window)
    {
        if (window.QueueDelay >= LongQueue)
        {
            BackOff(window);
        }
        else if (_trial.IsOn)
        {
            Try(window);
        }
        else if (window.Latency > 0)
        {
            Follow(window);
        }
    }

    private void BackOff(in MeasuredWindow window)
    {
        _starting = false;
        if (_trial.IsOn)
        {
            _trial.Abort();
            Move(_beforeTrial);
        }

        // By its length: where nothing gets a thread, the end of a window does not either.
        Move(_limit * Math.Pow(Backoff, Math.Max(1, window.Length / Step)));
    }

    private void Try(in MeasuredWindow window)
    {
        var lower = _trial.IsLower;
        switch (_trial.Conclude(window))
        {
            case true when lower:
                // Such that this limit is where latency and baseline agree.
                Baseline = Math.Min(Baseline, window.Latency * (1 - (1 / Math.Sqrt(_limit))) / Tolerance);
                break;
            case true:
                Baseline = Math.Max(Baseline, window.Latency);
                break;
            case false:
                Move(_beforeTrial);
                break;
        }
    }

    private void Follow(in MeasuredWindow window)
    {
        var isBusy = window.Peak >= (_limit / 2) - 1;
        LearnBaseline(window.Latency, isBusy);
        if (_starting && isBusy)
        {
            StartUp(window);
            return;
        }

        var gradient = Math.Max(LeastGradient, Tolerance * Baseline / window.Latency);
        if (!isBusy)
        {
            _trial.Forget();
        }
        else if (gradient < 1)
        {
            Shrink(gradient, window);
        }
        else if (window.QueueDelay < LongQueue / 2)
        {
            Move(_limit + (Math.Sqrt(_limit) / 2));
        }
    }

    /// <summary>Doubles while a window later a quarter more gets done than before, at least; else goes back and stays there.</summary>
    private void StartUp(in MeasuredWindow window)
    {
        var rate = window.Count / window.Length.TotalSeconds;
        var (limit, before, settled) = _beforeDoubling;
        if (!settled)
        {
            // Partly of the time before.
            _beforeDoubling = (limit, before, Settled: true);
        }
        else if (rate < before * 1.25)
        {
            _starting = false;
            Move(limit);
        }
        else
        {
            Baseline = Math.Min(Baseline, window.Latency);
            _beforeDoubling = (_limit, rate, Settled: false);
            Move(_limit * 2);
        }
    }

    private void LearnBaseline(double latency, bool isBusy)
    {
        if (Baseline == 0)
        {
            Baseline = latency;
        }
        else if (latency < Baseline)
        {
            Baseline += Fall * (latency - Baseline);
        }
        else if (!isBusy || _limit <= _min)
        {
            Baseline += Rise * (latency - Baseline);
        }
    }

    private void Shrink(double gradient, in MeasuredWindow window)
    {
        _starting = false;

        // The root leaves room for a queue as long as chance makes one.
        var target = (_limit * gradient) + Math.Sqrt(_limit);
        Move(_limit + (Smoothing * (target - _limit)));
        if (_trial.Next(window, mayFall: _limit > _min) is { } factor)
        {
            _beforeTrial = _limit;
            Move(_limit * factor);
        }
    }

    private void Move(double limit) => _limit = Math.Clamp(limit, _min, _max);
}
