using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Subjects;

namespace Mesh.Benchmarks.Micro;

/// <summary>A registry's answer, from the first byte to typed instances with their fingerprint.</summary>
public class HealthDecodingBenchmarks
{
    private RecordedConsul _consul = null!;

    [Params(10, 10_000)]
    public int Instances { get; set; }

    [GlobalSetup]
    public void Setup() => _consul = new RecordedConsul(Instances);

    [GlobalCleanup]
    public void Cleanup() => _consul.Dispose();

    [Benchmark]
    public async Task<int> Decode() => (await _consul.ReadAsync()).Value.Length;
}
