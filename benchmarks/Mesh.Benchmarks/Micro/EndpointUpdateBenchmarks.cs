using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Subjects;
using Mesh.Client.Discovery;

namespace Mesh.Benchmarks.Micro;

/// <summary>The registry's answer becomes what calls pick from; the others keep their state.</summary>
public class EndpointUpdateBenchmarks
{
    private MeshUnderTest _mesh = null!;
    private EndpointSnapshot _all = null!;
    private EndpointSnapshot _changed = null!;
    private EndpointSnapshot _fewer = null!;
    private bool _turn;

    [Params(10, 100, 1_000, 10_000)]
    public int Endpoints { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _mesh = new MeshUnderTest(new StubShape(Suspends: false), Endpoints);
        _all = EndpointInfos.Snapshot(Endpoints);
        _changed = EndpointInfos.WithOneChanged(_all, Endpoints / 2);
        _fewer = EndpointInfos.WithoutOne(_all, Endpoints / 2);
    }

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    [Benchmark]
    public void OneChanged() => Apply(_changed);

    [Benchmark]
    public void OneComesOrGoes() => Apply(_fewer);

    private void Apply(EndpointSnapshot other)
    {
        _turn = !_turn;
        _mesh.Upstream.ApplyEndpoints(_turn ? other : _all);
    }
}
