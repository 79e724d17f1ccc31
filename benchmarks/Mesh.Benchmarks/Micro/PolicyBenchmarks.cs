using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Subjects;
using Mesh.Policy;

namespace Mesh.Benchmarks.Micro;

/// <summary>A document's way from text to force: read and validated, merged, compiled and swapped in.</summary>
public class PolicyBenchmarks
{
    private readonly EffectivePolicy[] _policies =
        [PolicyDocuments.Effective(), PolicyDefaults.For(MeshUnderTest.Service)];

    private MeshUnderTest _mesh = null!;
    private int _turn;

    [Params(10, 1_000)]
    public int Endpoints { get; set; }

    [GlobalSetup]
    public void Setup() => _mesh = new MeshUnderTest(new StubShape(Suspends: false), Endpoints);

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    [Benchmark]
    public object Read() => PolicyDocuments.Read();

    [Benchmark]
    public object ReadAndMerge() => PolicyDocuments.Effective();

    [Benchmark]
    public void Apply() => _mesh.Upstream.ApplyPolicy(_policies[_turn++ & 1], "bench");
}
