using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Support;

/// <summary>The mesh around one service <c>orders</c>, with endpoints and transports of the test's choice.</summary>
internal sealed class TestMesh : IDisposable
{
    public const string Service = "orders";

    private readonly MeshRuntime _runtime;
    private readonly MeshPipeline _pipeline;
    private readonly MeshNames _names;

    public TestMesh(
        TimeProvider? time = null,
        ITransportFactory? transports = null,
        Action<MeshOptions>? configure = null,
        ILoggerFactory? loggers = null,
        OutboundSecurity? security = null)
    {
        Time = time ?? TimeProvider.System;
        Options = new MeshOptions();
        configure?.Invoke(Options);
        var random = new SeededRandom(7);
        var instruments = new Client.Telemetry.MeshInstruments(Meters);
        _names = new MeshNames(Options);
        var self = new MeshSelf("mesh", "tests", "tests-1", "1", null);
        _runtime = new MeshRuntime(
            Options,
            self,
            Time,
            random,
            instruments,
            transports ?? Stubs,
            new LoadBalancerRegistry([], random, NullLoggerFactory.Instance),
            [],
            loggers ?? NullLoggerFactory.Instance,
            security);
        _pipeline = new MeshPipeline(
            Options, self, Time, random, instruments, loggers ?? NullLoggerFactory.Instance);
    }

    public TimeProvider Time { get; }

    public MeshOptions Options { get; }

    public TestMeters Meters { get; } = new();

    public ScriptedTransports Stubs { get; } = new();

    public Upstream Upstream => _runtime.GetUpstream(Service);

    /// <summary>Endpoints known as a, b, c, ...; members when asked.</summary>
    public TestMesh WithEndpoints(int count, bool members = false) => WithEndpoints(
        [.. Enumerable.Range(0, count).Select(i => Endpoint(((char)('a' + i)).ToString(), 1000 + i, members))]);

    public TestMesh WithEndpoints(params EndpointInfo[] endpoints)
    {
        Upstream.ApplyEndpoints(new EndpointSnapshot(endpoints, EndpointSource.Static, Known: true));
        return this;
    }

    public static EndpointInfo Endpoint(string id, int port, bool member = false) => new()
    {
        Id = id,
        Host = "127.0.0.1",
        Port = port,
        Metadata = member
            ? new Dictionary<string, string> { [MeshMetadata.Schema] = "1" }
            : new Dictionary<string, string>(),
    };

    /// <summary>The default policy with other rules for all calls.</summary>
    public TestMesh WithPolicy(
        Func<RetryRule, RetryRule>? retry = null,
        Func<TimeoutRule, TimeoutRule>? timeout = null,
        Func<EffectivePolicy, EffectivePolicy>? edit = null)
    {
        var policy = PolicyDefaults.For(Service);
        policy = policy with
        {
            Routes =
            [
                policy.Routes[0] with
                {
                    Retry = retry?.Invoke(PolicyDefaults.Retry) ?? PolicyDefaults.Retry,
                    Timeout = timeout?.Invoke(PolicyDefaults.Timeout) ?? PolicyDefaults.Timeout,
                },
            ],
        };
        Upstream.ApplyPolicy(edit?.Invoke(policy) ?? policy, "test-1");
        return this;
    }

    public MeshHandler Handler(ClientSettings? settings = null, HttpMessageHandler? inner = null) => new(
        _runtime, _names, _pipeline, settings ?? new ClientSettings { Name = "" })
    {
        InnerHandler = inner ?? new RefusingHandler(),
    };

    /// <summary>The handler without HttpClient around it: no buffering, no timeout.</summary>
    public HttpMessageInvoker Invoker(ClientSettings? settings = null, HttpMessageHandler? inner = null) =>
        new(Handler(settings, inner));

    public HttpClient HttpClient(ClientSettings? settings = null) =>
        new(Handler(settings)) { BaseAddress = new Uri("http://orders") };

    public MeshEndpoint EndpointOf(string id) => Upstream.Endpoints.Single(e => e.Id == id);

    public static HttpRequestMessage Get(string path = "/") => new(HttpMethod.Get, $"http://orders{path}");

    public static HttpRequestMessage Post(HttpContent? content = null) =>
        new(HttpMethod.Post, "http://orders/") { Content = content };

    public void Dispose()
    {
        _runtime.Dispose();
        Meters.Dispose();
    }

    private sealed class RefusingHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token) =>
            throw new InvalidOperationException("The client's own handler was asked.");
    }
}
