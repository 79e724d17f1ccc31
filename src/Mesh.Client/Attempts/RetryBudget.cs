using System.Numerics;
using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>
/// How many retries an upstream may get: over a sliding window, a share of its calls plus a floor (Finagle's leaky tokens).
/// One per upstream, shared by all clients of the process, so that a failing service sees little more load than a
/// healthy one. Depositing is one uncontended increment; nothing here locks.
/// </summary>
internal sealed class RetryBudget
{
    private readonly long _frequency;
    private readonly ProcessRetries _process;
    private readonly SecondCounter _retries = new();

    // Calls are counted per processor: on one shared line, depositing would cost every call a cache miss.
    private readonly SecondCounter[] _calls;
    private RetryRule? _lastRule;

    public RetryBudget(TimeProvider time)
        : this(time, ProcessRetries.Shared)
    {
    }

    internal RetryBudget(TimeProvider time, ProcessRetries process)
    {
        _frequency = time.TimestampFrequency;
        _process = process;
        _calls = new SecondCounter[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 8))];
        for (var i = 0; i < _calls.Length; i++)
        {
            _calls[i] = new SecondCounter();
        }
    }

    /// <summary>A call was made at this timestamp.</summary>
    public void Deposit(long now) =>
        _calls[Thread.GetCurrentProcessorId() & (_calls.Length - 1)].Add(now / _frequency, 1);

    /// <summary>
    /// Takes one retry out of the budget and one place among the retries running in the process. False when there is
    /// none. A retry that ran ends with <see cref="Ended"/>, one that was not needed with <see cref="Refund"/>.
    /// </summary>
    public bool TryWithdraw(RetryRule rule, long now)
    {
        Volatile.Write(ref _lastRule, rule);
        if (!_process.TryEnter())
        {
            return false;
        }

        // Taken first, looked at after: of two retries that race for the last place, at most one stays.
        var second = now / _frequency;
        _retries.Add(second, 1);
        if (Left(rule, second) >= 0)
        {
            return true;
        }

        _retries.Add(second, -1);
        _process.Leave();
        return false;
    }

    /// <summary>A retry that was withdrawn has ended.</summary>
    public void Ended() => _process.Leave();

    /// <summary>A retry withdrawn at this timestamp was not made after all.</summary>
    public void Refund(long now)
    {
        _retries.Add(now / _frequency, -1);
        _process.Leave();
    }

    /// <summary>Retries that would be allowed now, under the rule last used.</summary>
    public double Balance(long now)
    {
        var rule = Volatile.Read(ref _lastRule) ?? PolicyDefaults.Retry;
        return Math.Max(0, Left(rule, now / _frequency));
    }

    private double Left(RetryRule rule, long second)
    {
        var window = Window(rule);
        var calls = 0L;
        foreach (var counter in _calls)
        {
            calls += counter.Sum(second, window);
        }

        return rule.BudgetFloor + (rule.BudgetRatio * calls) - _retries.Sum(second, window);
    }

    private static int Window(RetryRule rule) =>
        (int)Math.Clamp(Math.Ceiling(rule.BudgetWindow.TotalSeconds), 1, SecondCounter.Seconds - 1);
}
