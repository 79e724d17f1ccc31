using System.Diagnostics.Metrics;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// The limits of <c>inbound</c> in force, compiled. A change of the policy keeps what did not change: buckets stay as full
/// as they are, and what the limiter has learnt is not learnt anew.
/// </summary>
internal sealed class InboundLimits : IDisposable
{
    private readonly OwnPolicy _policy;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Guards the replacing of what is below, which is read without it: a change builds on the one before. Nothing is called
    // under it that could wait.
    private readonly Lock _gate = new();
    private volatile RatePlan[] _rates = [];
    private volatile ConcurrencyGate? _concurrency;
    private ITimer? _timer;
    private int _ticking;

    public InboundLimits(
        OwnPolicy policy, TimeProvider time, InboundInstruments instruments, ILogger<InboundLimits> logger)
    {
        (_policy, _time, _logger) = (policy, time, logger);
        instruments.Meter.CreateObservableGauge(
            MeshTelemetry.ConcurrencyLimit, () => Measure(static gate => (long)gate.Limit), "{request}",
            "Requests that may run at a time.");
        instruments.Meter.CreateObservableGauge(
            MeshTelemetry.ConcurrencyInFlight, () => Measure(static gate => (long)gate.InFlight), "{request}",
            "Requests that run and have not begun to answer.");
        instruments.Meter.CreateObservableGauge(
            MeshTelemetry.QueueDelay, () => Measure(static gate => gate.QueueDelay.TotalSeconds), "s",
            "How long work items wait for a thread.");
        policy.Changed += Apply;
        Apply();
    }

    /// <summary>The rules of <c>inbound.rate</c>, in order.</summary>
    public RatePlan[] Rates => _rates;

    /// <summary><c>inbound.concurrency</c>, when there is one.</summary>
    public ConcurrencyGate? Gate => _concurrency;

    public void Dispose()
    {
        _policy.Changed -= Apply;
        lock (_gate)
        {
            _timer?.Dispose();
            (_timer, _concurrency) = (null, null);
        }
    }

    private void Apply()
    {
        lock (_gate)
        {
            var inbound = _policy.Inbound;
            var before = _rates;
            _rates = [.. inbound.Rates.Select(rule =>
                new RatePlan(rule, Array.Find(before, b => b.Rule.Name == rule.Name), _time))];
            if (inbound.Concurrency is not { } concurrency)
            {
                _timer?.Dispose();
                (_timer, _concurrency) = (null, null);
                return;
            }

            _concurrency?.Apply(concurrency);
            _concurrency ??= new ConcurrencyGate(concurrency, _time, new ThreadPoolDelay(_time));
            if (_timer is null)
            {
                _timer = BackgroundWork.CreateTimer(_time, Tick, _logger);
                _timer.Change(ConcurrencyGate.Period, ConcurrencyGate.Period);
            }
        }
    }

    // Timers fire again while a callback still waits for its thread.
    private void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) == 0)
        {
            _concurrency?.Tick();
            Volatile.Write(ref _ticking, 0);
        }
    }

    private IEnumerable<Measurement<T>> Measure<T>(Func<ConcurrencyGate, T> read)
        where T : struct => _concurrency is { } gate ? [new Measurement<T>(read(gate))] : [];
}
