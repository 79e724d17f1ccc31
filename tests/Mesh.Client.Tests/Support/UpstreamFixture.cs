using Mesh.Client.Attempts;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Support;

/// <summary>An upstream on a clock that only the test moves, with seeded randomness and transports that send nothing.</summary>
internal sealed class UpstreamFixture : IDisposable
{
    public UpstreamFixture(string name = "orders", int seed = 1, ILoggerFactory? loggers = null, Random? random = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        Random = random ?? new SeededRandom(seed);
        Services = new UpstreamServices(
            new MeshClock(Time), Random, new(Meters), Transports, new LoadBalancerRegistry([], Random, loggers),
            loggers.CreateLogger<Upstream>());
        Upstream = new Upstream(name, Services);
    }

    public ManualTimeProvider Time { get; } = new();

    public Random Random { get; }

    public TestMeters Meters { get; } = new TestMeters().Listen();

    public StubTransports Transports { get; } = new();

    public UpstreamServices Services { get; }

    public Upstream Upstream { get; }

    /// <summary>All endpoints' group.</summary>
    public EndpointGroup Group => Upstream.Runtime!.Groups[""];

    public MeshEndpoint this[string id] => Upstream.Endpoints.Single(e => e.Id == id);

    public static EndpointInfo Info(string id, int weight = 1, EndpointHealth health = EndpointHealth.Passing) => new()
    {
        Id = id, Host = "10.0.0.1", Port = 1000 + id.Sum(static c => c), Weight = weight, Health = health,
    };

    public UpstreamFixture With(params EndpointInfo[] endpoints)
    {
        Upstream.ApplyEndpoints(new EndpointSnapshot(endpoints, EndpointSource.Consul, Known: true));
        return this;
    }

    public UpstreamFixture With(params string[] ids) => With([.. ids.Select(id => Info(id))]);

    public UpstreamFixture WithPolicy(Func<EffectivePolicy, EffectivePolicy> change, string revision = "r1")
    {
        Upstream.ApplyPolicy(change(PolicyDefaults.For(Upstream.Name)), revision);
        return this;
    }

    public UpstreamFixture WithAlgorithm(string algorithm) =>
        WithPolicy(p => p with { Balance = p.Balance with { Algorithm = algorithm } });

    public MeshEndpoint? Pick(bool replaceable = true, params MeshEndpoint[] tried) =>
        Group.Pick(new PickContext(Time.GetTimestamp(), tried, replaceable, hashKey: null));

    /// <summary>A call that takes no time.</summary>
    public void Answer(MeshEndpoint endpoint, AttemptOutcome outcome, int times = 1, TimeSpan? retryAfter = null)
    {
        for (var i = 0; i < times; i++)
        {
            var now = Time.GetTimestamp();
            endpoint.Begin();
            endpoint.Observe(now, now, outcome, retryAfter);
            endpoint.End();
        }
    }

    public void Dispose()
    {
        Upstream.Dispose();
        Meters.Dispose();
    }
}
