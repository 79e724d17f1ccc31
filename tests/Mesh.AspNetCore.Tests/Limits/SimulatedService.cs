using Mesh.AspNetCore.Limits;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Limits;

/// <summary>
/// A service behind a gate, in steps of a millisecond. Its processors are shared by all that runs, so that latency
/// grows with what runs at a time; <see cref="Waits"/> is time in which a request needs no processor (a database).
/// </summary>
internal sealed class SimulatedService
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly List<Running> _running = [];
    private double _arrivals;
    private int _sinceTick;
    private int _sequence;

    public SimulatedService(int min = 20, int max = 1000) =>
        Gate = new ConcurrencyGate(
            new InboundConcurrency { Adaptive = true, Min = min, Max = max }, _time, Queue);

    public ConcurrencyGate Gate { get; }

    public FakeQueue Queue { get; } = new();

    /// <summary>Requests a millisecond.</summary>
    public double Load { get; set; }

    public double Processors { get; set; } = 2;

    /// <summary>Milliseconds of a processor that a request needs.</summary>
    public double Work { get; set; } = 5;

    /// <summary>Milliseconds it waits for others first.</summary>
    public double Waits { get; set; }

    public Func<int, MeshCriticality> Criticality { get; set; } = static _ => MeshCriticality.Critical;

    public Dictionary<MeshCriticality, (int Admitted, int Refused)> Counts { get; } = [];

    public int Refused => Counts.Values.Sum(c => c.Refused);

    public int Done { get; private set; }

    public List<double> Latencies { get; } = [];

    /// <summary>What the load is in multiples of what the processors can do.</summary>
    public double Overload
    {
        set => Load = value * Processors / Work;
    }

    public SimulatedService Run(TimeSpan time)
    {
        for (var i = 0; i < time.TotalMilliseconds; i++)
        {
            Arrive();
            Proceed();
            _time.Advance(Millisecond);
            if (++_sinceTick == (int)ConcurrencyGate.Period.TotalMilliseconds)
            {
                _sinceTick = 0;
                Gate.Tick();
            }
        }

        return this;
    }

    /// <summary>Begins to count anew.</summary>
    public SimulatedService Forget()
    {
        Counts.Clear();
        Latencies.Clear();
        Done = 0;
        return this;
    }

    private void Arrive()
    {
        for (_arrivals += Load; _arrivals >= 1; _arrivals--)
        {
            var criticality = Criticality(_sequence++);
            var (admitted, refused) = Counts.GetValueOrDefault(criticality);
            var admission = Gate.TryEnter(criticality, isTimed: true);
            Counts[criticality] = admission is null ? (admitted, refused + 1) : (admitted + 1, refused);
            if (admission is not null)
            {
                _running.Add(new Running(admission) { Waits = Waits, Work = Work });
            }
        }
    }

    private void Proceed()
    {
        var ready = _running.Count(r => r.Waits <= 0);
        var speed = Math.Min(1, Processors / Math.Max(1, ready));
        foreach (var request in _running)
        {
            request.Took++;
            if (request.Waits > 0)
            {
                request.Waits--;
            }
            else
            {
                request.Work -= speed;
            }
        }

        foreach (var request in _running.Where(r => r is { Work: <= 0, Waits: <= 0 }).ToArray())
        {
            _running.Remove(request);
            request.Admission.End(200);
            Done++;
            Latencies.Add(request.Took);
        }
    }

    internal sealed class FakeQueue : IQueueDelay
    {
        public TimeSpan Current { get; set; }

        public int Measured { get; private set; }

        public void Measure() => Measured++;
    }

    private sealed class Running(Admission admission)
    {
        public Admission Admission => admission;

        public double Waits { get; set; }

        public double Work { get; set; }

        public double Took { get; set; }
    }
}
