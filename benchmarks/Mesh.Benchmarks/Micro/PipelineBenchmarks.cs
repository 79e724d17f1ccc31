using BenchmarkDotNet.Attributes;
using Mesh.Benchmarks.Subjects;

namespace Mesh.Benchmarks.Micro;

/// <summary>A whole call over a stub, beside a plain HttpClient and a Polly.Core pipeline of four strategies.</summary>
public class PipelineBenchmarks
{
    private MeshUnderTest _mesh = null!;
    private HttpMessageInvoker _bare = null!;
    private HttpMessageInvoker _bareMesh = null!;
    private HttpClient _client = null!;
    private HttpClient _clientMesh = null!;
    private HttpClient _clientPolly = null!;

    [Params(false, true)]
    public bool Suspends { get; set; }

    [Params(false, true)]
    public bool Body { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var shape = new StubShape(Suspends, Body);
        StubHandler Stub() => new(new StubAnswers(shape));
        _mesh = new MeshUnderTest(shape);
        _bare = new HttpMessageInvoker(Stub());
        _bareMesh = new HttpMessageInvoker(_mesh.CreateHandler(Stub()));
        _client = new HttpClient(Stub());
        _clientMesh = new HttpClient(_mesh.CreateHandler(Stub()));
        _clientPolly = new HttpClient(new PollyHandler(Stub()));
    }

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    [Benchmark]
    public Task<int> Invoker() => CallAsync(_bare);

    [Benchmark]
    public Task<int> InvokerMesh() => CallAsync(_bareMesh);

    [Benchmark(Baseline = true)]
    public Task<int> Client() => CallAsync(_client);

    [Benchmark]
    public Task<int> ClientMesh() => CallAsync(_clientMesh);

    [Benchmark]
    public Task<int> ClientPolly() => CallAsync(_clientPolly);

    private static async Task<int> CallAsync(HttpMessageInvoker sender)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, MeshUnderTest.Address);
        using var response = await sender.SendAsync(request, CancellationToken.None);
        return (int)response.StatusCode;
    }
}
