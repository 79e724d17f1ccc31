using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Quick;
using Mesh.Benchmarks.Subjects;

namespace Mesh.Benchmarks.Micro;

/// <summary>Pick, begin, observe and end by one thread and by two: counters must not share cache lines.</summary>
public class AttemptStateBenchmarks
{
    private MeshUnderTest _mesh = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup() => _mesh = new MeshUnderTest(new StubShape(Suspends: false), endpoints: 10);

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    /// <summary>Divided by the attempts of one thread: on two free processors it stays as it is.</summary>
    [Benchmark(OperationsPerInvoke = Parts.ContendedOperations)]
    public double Attempt() => Parts.Contended(_mesh, Threads);
}
