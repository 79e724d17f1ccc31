using System.Diagnostics.Metrics;
using Mesh.Client;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Benchmarks.Subjects;

/// <summary>The whole client with one upstream; a stub is the network, everything else the product's.</summary>
internal sealed class MeshUnderTest : IDisposable
{
    /// <summary>The upstream called.</summary>
    public const string Service = "orders";

    private static readonly MeshSelf Self = new("mesh", "bench", "bench-1", "1.0.0", Zone: null);

    private readonly ServiceProvider _provider;
    private readonly MeshOptions _options = new();
    private readonly MeshInstruments _instruments;
    private readonly MeshRuntime _runtime;

    public MeshUnderTest(
        StubShape shape, int endpoints = 4, EffectivePolicy? policy = null, bool weighted = false)
    {
        _options.Upstreams[Service] = new MeshUpstreamOptions();
        _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _instruments = new MeshInstruments(_provider.GetRequiredService<IMeterFactory>());
        _runtime = new MeshRuntime(
            _options,
            Self,
            TimeProvider.System,
            Random.Shared,
            _instruments,
            new StubTransportFactory(new StubAnswers(shape)),
            new LoadBalancerRegistry([], Random.Shared, NullLoggerFactory.Instance),
            feeds: [],
            NullLoggerFactory.Instance);
        Upstream = _runtime.GetUpstream(Service);
        if (policy is not null)
        {
            Upstream.ApplyPolicy(policy, "bench");
        }

        Upstream.ApplyEndpoints(EndpointInfos.Snapshot(endpoints, weighted));
    }

    public static Uri Address { get; } = new($"http://{Service}/items/42");

    public Upstream Upstream { get; }

    /// <summary>What a listener listens to.</summary>
    public Meter Meter => _instruments.Meter;

    /// <summary>All endpoints of the upstream.</summary>
    public EndpointGroup Group => Upstream.Runtime!.Groups[""];

    /// <summary>A client's handler; what is not for the mesh goes to <paramref name="primary"/>.</summary>
    public HttpMessageHandler CreateHandler(HttpMessageHandler primary) => new MeshHandler(
        _runtime,
        new MeshNames(_options),
        new MeshPipeline(
            _options, Self, TimeProvider.System, Random.Shared, _instruments, NullLoggerFactory.Instance),
        new ClientSettings { Name = "" })
    {
        InnerHandler = primary,
    };

    public void Dispose()
    {
        _runtime.Dispose();
        _provider.Dispose();
    }
}
