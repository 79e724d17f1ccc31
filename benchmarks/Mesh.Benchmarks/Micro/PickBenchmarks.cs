using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Subjects;
using Mesh.Client.Attempts;
using Mesh.Client.Balancing;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Benchmarks.Micro;

/// <summary>One endpoint out of many: O(1), without allocation, whatever the algorithm.</summary>
public class PickBenchmarks
{
    private MeshUnderTest _mesh = null!;
    private EndpointGroup _group = null!;

    [Params(1, 3, 50, 1000)]
    public int Endpoints { get; set; }

    [Params(
        LoadBalancerRegistry.PeakEwma,
        LoadBalancerRegistry.LeastRequest,
        LoadBalancerRegistry.RoundRobin,
        LoadBalancerRegistry.Random)]
    public string Algorithm { get; set; } = LoadBalancerRegistry.PeakEwma;

    [Params(false, true)]
    public bool Weighted { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var defaults = PolicyDefaults.For(MeshUnderTest.Service);
        var policy = defaults with { Balance = defaults.Balance with { Algorithm = Algorithm } };
        _mesh = new MeshUnderTest(new StubShape(Suspends: false), Endpoints, policy, Weighted);
        _group = _mesh.Group;
        var now = Stopwatch.GetTimestamp();
        foreach (var endpoint in _mesh.Upstream.Endpoints)
        {
            endpoint.Begin();
            endpoint.Observe(now - (Stopwatch.Frequency / 500), now, AttemptOutcome.Success);
            endpoint.End();
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    [Benchmark]
    public object? Pick() =>
        _group.Pick(new PickContext(Stopwatch.GetTimestamp(), [], replaceable: true, hashKey: null));
}
