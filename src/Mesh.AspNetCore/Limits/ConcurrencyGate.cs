using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// Counts what runs and admits as many as the limit says, what matters least only while there is much room. Entering and
/// leaving take no lock; what they measure is evaluated by <see cref="Tick"/>, which one timer calls.
/// </summary>
internal sealed class ConcurrencyGate
{
    /// <summary>How often <see cref="Tick"/> is to be called.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a request without an answer counts as running: long polls and silent streams are longer, and what works
    /// so long for an answer is waiting for something else.
    /// </summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(10);

    /// <summary>Least requests that say something about latency, but for windows of <see cref="LongestWindow"/>.</summary>
    public const int LeastSamples = 10;

    /// <summary>Longest window: then it says what it has.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(2);

    // A single request counts at most so many times the mean of the window before: one outlier is no overload, and what
    // lasts is seen one window later.
    private const double MostOfMean = 5;

    // By criticality, from the least: up to which share of the limit it is admitted. Below the limit, so that what matters
    // less leaves room; above it for what must go on.
    private static readonly double[] Shares = [0.5, 0.75, 1, 1.25];

    private static readonly TimeSpan CohortAge = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly IQueueDelay _queue;
    private readonly GradientLimit _gradient;
    private readonly Queue<(Cohort Cohort, long Since)> _cohorts = new();
    private volatile InboundConcurrency _rule;
    private volatile Cohort _cohort = new();
    private volatile Window _window;
    private volatile int _limit;
    private long _cohortSince;
    private double _latency;
    private int _inFlight;

    public ConcurrencyGate(InboundConcurrency rule, TimeProvider time, IQueueDelay queue)
    {
        (_rule, _time, _queue) = (rule, time, queue);
        _cohortSince = time.GetTimestamp();
        _window = new Window(_cohortSince, 0, 0);
        _gradient = new GradientLimit(rule.Min, rule.Max);
        Settle();
    }

    /// <summary>Most that run at a time.</summary>
    public int Limit => _limit;

    /// <summary>Requests that run.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Refusals are only counted.</summary>
    public bool IsShadow => _rule.Shadow;

    /// <summary>How long work items wait for a thread.</summary>
    public TimeSpan QueueDelay => _queue.Current;

    /// <summary>What a limit of <paramref name="limit"/> is for requests that matter so much; at least 1.</summary>
    public static int ShareOf(int limit, MeshCriticality criticality) =>
        Math.Max(1, (int)(limit * Shares[criticality.Index()]));

    /// <summary>Other rules; what was learnt, and who runs, stays.</summary>
    public void Apply(InboundConcurrency rule) => _rule = rule;

    /// <summary>Takes a place; <see langword="null"/> when there is none for what matters so little.</summary>
    /// <param name="criticality">How much the request matters.</param>
    /// <param name="isTimed">Its latency tells how busy the service is.</param>
    /// <param name="always">Take one even if there is none.</param>
    public Admission? TryEnter(MeshCriticality criticality, bool isTimed, bool always = false)
    {
        var most = always ? int.MaxValue : ShareOf(_limit, criticality);
        var running = Volatile.Read(ref _inFlight);
        while (true)
        {
            if (running >= most)
            {
                _window.Saw(running);
                return null;
            }

            var before = Interlocked.CompareExchange(ref _inFlight, running + 1, running);
            if (before == running)
            {
                break;
            }

            running = before;
        }

        _window.Saw(running + 1);

        // A thread that stood still for long may come with one that has expired meanwhile, and would never leave it.
        Cohort cohort;
        do
        {
            cohort = _cohort;
        }
        while (!cohort.Enter());

        return new Admission(this, cohort, _time.GetTimestamp(), isTimed);
    }

    /// <summary>Its response begins, or it is over.</summary>
    public void Leave(Admission admission, bool isTimed)
    {
        if (!admission.Cohort.Leave())
        {
            return;
        }

        Interlocked.Decrement(ref _inFlight);
        if (isTimed)
        {
            _window.Took(_time.GetTimestamp() - admission.Started);
        }
    }

    /// <summary>Evaluates what was measured. Called by one thread at a time.</summary>
    public void Tick()
    {
        var now = _time.GetTimestamp();
        GiveUpOldCohorts(now);
        _queue.Measure();
        var rule = _rule;
        _gradient.Bound(rule.Min, rule.Max);
        var window = _window;
        var length = _time.GetElapsedTime(window.Began, now);
        if (rule.Adaptive && IsOver(window, length))
        {
            _window = new Window(now, InFlight, (long)(window.Mean * MostOfMean));
            _latency = window.Mean / _time.TimestampFrequency;
            _gradient.Learn(new MeasuredWindow(_latency, window.Count, window.Peak, _queue.Current, length));
        }

        Settle();
    }

    // Not shorter than what a request takes: what ends in it would have been admitted under other limits.
    private bool IsOver(Window window, TimeSpan length) =>
        (length >= Period && _queue.Current >= GradientLimit.LongQueue) ||
        length >= LongestWindow ||
        (window.Count >= LeastSamples && length.TotalSeconds >= Math.Max(Period.TotalSeconds, _latency));

    private void Settle() => _limit = _rule.Adaptive ? _gradient.Current : _rule.Max;

    private void GiveUpOldCohorts(long now)
    {
        if (_time.GetElapsedTime(_cohortSince, now) >= CohortAge)
        {
            _cohorts.Enqueue((_cohort, _cohortSince));
            (_cohort, _cohortSince) = (new Cohort(), now);
        }

        while (_cohorts.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.Since, now) >= LongestRun + CohortAge)
        {
            Interlocked.Add(ref _inFlight, -_cohorts.Dequeue().Cohort.Expire());
        }
    }

    /// <summary>What is measured until the next evaluation. Those who come late write into one that nobody reads any more.</summary>
    private sealed class Window(long began, int running, long most)
    {
        private long _sum;
        private int _count;
        private int _peak = running;

        public long Began => began;

        public int Count => Volatile.Read(ref _count);

        public int Peak => Volatile.Read(ref _peak);

        public double Mean => Count == 0 ? 0 : (double)Volatile.Read(ref _sum) / Count;

        public void Took(long ticks)
        {
            Interlocked.Add(ref _sum, most > 0 ? Math.Min(ticks, most) : ticks);
            Interlocked.Increment(ref _count);
        }

        public void Saw(int inFlight)
        {
            var peak = Volatile.Read(ref _peak);
            while (inFlight > peak)
            {
                var before = Interlocked.CompareExchange(ref _peak, inFlight, peak);
                if (before == peak)
                {
                    return;
                }

                peak = before;
            }
        }
    }
}
