using System.Text;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Mesh.Client.Tests.Support;

/// <summary>The feeds of one process on a real agent, without anything that sends calls.</summary>
internal sealed class FeedBench : IAsyncDisposable
{
    private readonly Random _random = new SeededRandom(1);
    private readonly UpstreamServices _services;
    private readonly Dictionary<string, Upstream> _upstreams = [];
    private readonly string _ownFolder = Directory.CreateTempSubdirectory("mesh-feeds-").FullName;

    /// <param name="agent">Not owned; <see langword="null"/> where Consul is not used.</param>
    /// <param name="configure">Changes the options before anything is made of them.</param>
    /// <param name="snapshotFolder">Shared by two benches that are two runs of one process.</param>
    /// <param name="isDevelopment">What the host says.</param>
    /// <param name="clock">The clock of the feeds; real time without.</param>
    /// <param name="logs">The application's loggers; <see cref="Logs"/> without.</param>
    /// <param name="trust">By what a desk is known.</param>
    public FeedBench(
        ConsulAgent? agent,
        Action<MeshOptions>? configure = null,
        string? snapshotFolder = null,
        bool isDevelopment = false,
        ManualTimeProvider? clock = null,
        ILoggerFactory? logs = null,
        DeskTrust? trust = null)
    {
        Clock = clock;
        var time = clock ?? TimeProvider.System;
        Options = new MeshOptions { Service = "web" };
        Options.Consul.Address = agent?.Address.AbsoluteUri;
        Options.Consul.Token = agent?.ManagementToken;
        Options.Discovery.SuspectWindow = TimeSpan.FromSeconds(1);
        Options.Snapshot.Folder = snapshotFolder ?? _ownFolder;
        Operator = new ConsulClient(
            new ConsulClientOptions { Address = agent?.Address.AbsoluteUri, Token = agent?.ManagementToken });
        configure?.Invoke(Options);
        var loggers = logs ?? new LoggerFactory([Logs]);
        Self = new MeshSelf(Options.Name, "web", "web-1", "1", null);
        Instruments = new MeshInstruments(Meters);
        Consul = new MeshConsul(new ConsulClient(Options.Consul));
        var file = new SnapshotFile(SnapshotFile.PathFor(Options.Snapshot.Folder, Self, "here"), Self);
        Snapshot = new SnapshotStore(Options.Snapshot, Self, file, time, loggers.CreateLogger<SnapshotStore>());
        _services = new UpstreamServices(
            new MeshClock(time), _random, Instruments, Substitute.For<ITransportFactory>(),
            new LoadBalancerRegistry([], _random, NullLoggerFactory.Instance), NullLogger<Upstream>.Instance);
        Discovery = new ConsulDiscoveryFeed(
            Options, Consul, Snapshot, Instruments, time, _random, loggers);
        Policies = new PolicyFeed(
            Options, Self, Consul, Snapshot, Instruments, time, _random, loggers, isDevelopment)
        {
            Trust = trust,
            Door = Door = new ScriptedDoor(time),
        };
    }

    /// <summary>What is said of the door of this process, which has none.</summary>
    public ScriptedDoor Door { get; }

    /// <summary>The clock, when only the test moves it.</summary>
    public ManualTimeProvider? Clock { get; }

    public MeshOptions Options { get; }

    public MeshSelf Self { get; }

    public TestMeters Meters { get; } = new TestMeters().Listen();

    public MeshInstruments Instruments { get; }

    public LogCollector Logs { get; } = new();

    public MeshConsul Consul { get; }

    /// <summary>What an operator, or another process, does.</summary>
    public ConsulClient Operator { get; }

    public SnapshotStore Snapshot { get; }

    public ConsulDiscoveryFeed Discovery { get; }

    public PolicyFeed Policies { get; }

    public Upstream Upstream(string name = "orders")
    {
        if (!_upstreams.TryGetValue(name, out var upstream))
        {
            upstream = new Upstream(name, _services);
            _upstreams.Add(name, upstream);
        }

        return upstream;
    }

    public Upstream Discover(string name = "orders")
    {
        Discovery.Attach(Upstream(name));
        return Upstream(name);
    }

    public Upstream Govern(string name = "orders")
    {
        Policies.Attach(Upstream(name));
        return Upstream(name);
    }

    /// <summary>Without endpoints an upstream has no runtime, and its policy cannot be seen.</summary>
    public void GiveEndpoint(string service) => Upstream(service).ApplyEndpoints(new EndpointSnapshot(
        [new EndpointInfo { Id = "e", Host = "127.0.0.1", Port = 1 }], EndpointSource.Static, Known: true));

    public Task RegisterAsync(
        string id, int port, string service = "orders", Func<ServiceRegistration, ServiceRegistration>? with = null)
    {
        var registration = new ServiceRegistration
        {
            Id = id,
            Name = service,
            Address = "127.0.0.1",
            Port = port,
            Checks =
            [
                new CheckRegistration
                {
                    CheckId = $"check:{id}", Name = "ttl", Ttl = TimeSpan.FromHours(1),
                    InitialStatus = ConsulHealth.Passing,
                },
            ],
        };
        return Operator.RegisterServiceAsync(with?.Invoke(registration) ?? registration, CancellationToken.None);
    }

    public Task CheckAsync(string id, ConsulHealth status) =>
        Operator.UpdateCheckAsync($"check:{id}", status, "", CancellationToken.None);

    public Task DeregisterAsync(string id) => Operator.DeregisterServiceAsync(id, CancellationToken.None);

    public Task PutAsync(string key, string document) =>
        Operator.PutKeyAsync($"mesh/{key}", Encoding.UTF8.GetBytes(document), null, CancellationToken.None);

    public Task DeleteAsync(string key) => Operator.DeleteKeyAsync($"mesh/{key}", false, null, CancellationToken.None);

    /// <summary>
    /// Waits until the endpoints, as <c>port health</c> with a question mark for suspects, are these.
    /// </summary>
    public Task EndpointsBecomeAsync(string service, params string[] expected) => Eventually.BecomesAsync(
        () => Describe(service).SequenceEqual(expected),
        () => $"Endpoints of {service}: {string.Join(", ", Describe(service))}, expected {string.Join(", ", expected)}.");

    public Task PolicyBecomesAsync(Func<Upstream, bool> condition, string service = "orders") =>
        Eventually.BecomesAsync(
        () => Upstream(service).Runtime is not null && condition(Upstream(service)),
        () => $"Policy of {service}: {Upstream(service).Runtime?.PolicyRevision}, status {Policies.Status}.");

    public string[] Describe(string service) =>
    [
        .. Upstream(service).Endpoints.Select(e => e.Info).OrderBy(e => e.Port)
            .Select(e => $"{e.Port} {e.Health}{(e.Vanished ? "?" : "")}"),
    ];

    public ValueTask DisposeAsync()
    {
        Discovery.Dispose();
        Policies.Dispose();
        Snapshot.Dispose();
        Consul.Dispose();
        Operator.Dispose();
        foreach (var upstream in _upstreams.Values)
        {
            upstream.Dispose();
        }

        Meters.Dispose();
        Directory.Delete(_ownFolder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
