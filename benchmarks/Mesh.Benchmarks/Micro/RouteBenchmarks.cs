using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Subjects;
using Mesh.Client.Pipeline;

namespace Mesh.Benchmarks.Micro;

/// <summary>Which of four routes takes a request; by header, by method and path, by none.</summary>
public class RouteBenchmarks
{
    private readonly HttpRequestMessage _beta = new(HttpMethod.Get, MeshUnderTest.Address)
    {
        Headers = { { "x-beta", "yes" } },
    };

    private readonly HttpRequestMessage _checkout = new(HttpMethod.Post, "http://orders/orders");
    private readonly HttpRequestMessage _rest = new(HttpMethod.Get, MeshUnderTest.Address);
    private MeshUnderTest _mesh = null!;
    private MeshUnderTest _plain = null!;
    private ServiceRuntime _routes = null!;
    private ServiceRuntime _catchAll = null!;

    [GlobalSetup]
    public void Setup()
    {
        _mesh = new MeshUnderTest(new StubShape(Suspends: false), policy: PolicyDocuments.Effective());
        _plain = new MeshUnderTest(new StubShape(Suspends: false));
        _routes = _mesh.Upstream.Runtime!;
        _catchAll = _plain.Upstream.Runtime!;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _mesh.Dispose();
        _plain.Dispose();
    }

    [Benchmark(Baseline = true)]
    public object CatchAllOnly() => _catchAll.Route(_rest);

    [Benchmark]
    public object FirstByHeader() => _routes.Route(_beta);

    [Benchmark]
    public object SecondByMethodAndPath() => _routes.Route(_checkout);

    [Benchmark]
    public object LastOfFour() => _routes.Route(_rest);
}
