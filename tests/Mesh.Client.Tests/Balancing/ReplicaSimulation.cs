using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Balancing;

/// <summary>
/// A discrete-event simulation on the real pick path: calls arrive at random (Poisson), each replica serves one at a time in
/// order, service times are exponential. Seeded, so that a run is a fact rather than a sample.
/// </summary>
internal sealed class ReplicaSimulation(string algorithm, IReadOnlyDictionary<string, double> meanServiceSeconds)
{
    private readonly PriorityQueue<(MeshEndpoint Endpoint, double Began), double> _running = new();
    private readonly Dictionary<string, double> _freeAt = [];
    private readonly List<double> _latencies = [];
    private readonly SeededRandom _chance = new(42);

    /// <summary>Calls that each replica got.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>Runs so many calls and gives the 99th percentile of their latencies, in seconds.</summary>
    public double P99(int calls, double callsPerSecond)
    {
        using var mesh = new UpstreamFixture().WithAlgorithm(algorithm).With([.. meanServiceSeconds.Keys]);
        var start = mesh.Time.GetTimestamp();
        var now = 0.0;
        for (var i = 0; i < calls; i++)
        {
            now += Exponential(1 / callsPerSecond);
            while (_running.TryPeek(out _, out var ends) && ends <= now)
            {
                Finish(mesh, start, ends);
            }

            MoveTo(mesh, start, now);
            Begin(mesh.Pick()!, now);
        }

        while (_running.TryPeek(out _, out var ends))
        {
            Finish(mesh, start, ends);
        }

        _latencies.Sort();
        return _latencies[(int)(_latencies.Count * 0.99)];
    }

    private static void MoveTo(UpstreamFixture mesh, long start, double seconds)
    {
        var ahead = TimeSpan.FromSeconds(seconds) - mesh.Time.GetElapsedTime(start);
        if (ahead > TimeSpan.Zero)
        {
            mesh.Time.Advance(ahead);
        }
    }

    private void Begin(MeshEndpoint endpoint, double now)
    {
        endpoint.Begin();
        Calls[endpoint.Id] = Calls.GetValueOrDefault(endpoint.Id) + 1;
        var ends = Math.Max(now, _freeAt.GetValueOrDefault(endpoint.Id)) + Exponential(meanServiceSeconds[endpoint.Id]);
        _freeAt[endpoint.Id] = ends;
        _running.Enqueue((endpoint, now), ends);
    }

    private void Finish(UpstreamFixture mesh, long start, double ends)
    {
        var (endpoint, began) = _running.Dequeue();
        MoveTo(mesh, start, ends);
        var now = mesh.Time.GetTimestamp();
        endpoint.Observe(now - (long)((ends - began) * mesh.Time.TimestampFrequency), now, AttemptOutcome.Success);
        endpoint.End();
        _latencies.Add(ends - began);
    }

    private double Exponential(double mean) => -mean * Math.Log(1 - _chance.NextDouble());
}
