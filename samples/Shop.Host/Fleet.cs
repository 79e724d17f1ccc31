using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Testing;
using Shop.Host.Security;

namespace Shop.Host;

/// <summary>Everything the shop consists of: a Consul agent, the config server, and the instances of four services.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>web to orders and inventory, orders to inventory and payments.</summary>
    public const int MeshEdges = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Service, project, instances as version numbers.</summary>
    private static readonly (string Service, string Project, string[] Versions)[] Plan =
    [
        ("web", "Shop.Web", ["1", "1"]),
        ("orders", "Shop.Orders", ["1", "1"]),
        ("inventory", "Shop.Inventory", ["1", "1", "2", "2"]),
        ("payments", "Shop.Payments", ["1", "1"]),
    ];

    /// <summary>Who has a relay in front: one instance of every service that another one calls.</summary>
    private static readonly string[] Relayed = ["orders-2", "inventory-2", "payments-2"];

    private readonly List<ServiceProcess> _services = [];
    private readonly List<Dictionary<string, string>> _environments = [];

    private Fleet(string folder, ConsulAgent? agent, Uri consul, ServiceProcess desk)
    {
        Folder = folder;
        Agent = agent;
        Consul = consul;
        Desk = desk;
    }

    /// <summary>Where logs, statistics, ledgers and snapshots of this run are.</summary>
    public string Folder { get; }

    /// <summary>False removes <see cref="Folder"/> in the end: nobody wants to look into it.</summary>
    public bool KeepsFolder { get; set; } = true;

    /// <summary>The agent this run started; <see langword="null"/> when it uses one that was there.</summary>
    public ConsulAgent? Agent { get; }

    public Uri Consul { get; }

    /// <summary>The wire between services, where somebody looks at it.</summary>
    public Wire Wire { get; } = new();

    public ServiceProcess Desk { get; }

    public Uri DeskAddress => new($"http://127.0.0.1:{Desk.Port}");

    public IReadOnlyList<ServiceProcess> Services => _services;

    public IReadOnlyList<int> WebPorts => [.. _services.Where(s => s.Service == "web").Select(s => s.Port)];

    /// <summary>Starts all of it; returns once every process runs, before anything is ready.</summary>
    public static async Task<Fleet> StartAsync(ShopOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-shop-").FullName;
        var existing = Environment.GetEnvironmentVariable("CONSUL_HTTP_ADDR");
        var agent = string.IsNullOrEmpty(existing)
            ? await ConsulAgent.StartAsync(
                new ConsulAgentOptions { DataFolder = Path.Combine(folder, "consul"), Connect = true }, cancellationToken)
            : null;
        var consul = agent?.Address ?? new Uri(existing!.Contains("://", StringComparison.Ordinal)
            ? existing
            : $"http://{existing}");
        var ports = FreePorts(1 + Plan.Sum(p => p.Versions.Length) + Relayed.Length);
        var desk = new ServiceProcess(
            "mesh-desk", "mesh-desk-1", ports[0], Dll("src", "Mesh.ConfigServer"), new Dictionary<string, string>
            {
                ["CONSUL_HTTP_ADDR"] = consul.ToString(),
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ports[0]}",
                ["Desk__DataFolder"] = Path.Combine(folder, "desk"),
                ["Logging__LogLevel__Default"] = "Warning",
            }, Path.Combine(folder, "output", "mesh-desk-1.log"));
        var fleet = new Fleet(folder, agent, consul, desk);
        fleet.AddServices(options, ports);
        desk.Start();
        fleet._services.ForEach(s => s.Start());
        return fleet;
    }

    /// <summary>The busiest instance by requests answered, among those behind the web edge.</summary>
    public ServiceProcess Busiest(Statistics statistics) => _services
        .Where(s => s.Service != "web" && s.IsRunning)
        .MaxBy(s => statistics.RequestsOf(s.Instance, s.Pid))!;

    public ServiceProcess Instance(string name) => _services.Single(s => s.Instance == name);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_services.Append(Desk).Select(s => s.StopAsync(Patience)));
        await Wire.DisposeAsync();
        if (Agent is not null)
        {
            await Agent.DisposeAsync();
        }

        if (!KeepsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private void AddServices(ShopOptions options, int[] ports)
    {
        var addresses = new Dictionary<string, List<string>>();
        var next = 1;
        foreach (var (service, project, versions) in Plan)
        {
            for (var i = 0; i < versions.Length; i++)
            {
                var (instance, port) = ($"{service}-{i + 1}", ports[next++]);
                var seenAs = Relayed.Contains(instance) ? ports[next++] : port;
                addresses.TryAdd(service, []);
                addresses[service].Add($"127.0.0.1:{seenAs}");
                if (seenAs != port)
                {
                    Wire.Watch(instance, seenAs, port);
                }

                _services.Add(new ServiceProcess(
                    service, instance, port, Dll("samples", project),
                    Settings(options, service, instance, versions[i], port, seenAs),
                    Path.Combine(Folder, "output", instance + ".log")));
            }
        }

        if (options.Without == "mesh")
        {
            foreach (var environment in _environments)
            {
                environment["Mesh__Adopt"] = "Listed";
                foreach (var (service, list) in addresses)
                {
                    environment[$"Shop__StaticEndpoints__{service}"] = string.Join(',', list);
                }
            }
        }
    }

    private Dictionary<string, string> Settings(
        ShopOptions options, string service, string instance, string version, int port, int seenAs)
    {
        var environment = new Dictionary<string, string>
        {
            ["CONSUL_HTTP_ADDR"] = Consul.ToString(),
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["Mesh__Service"] = service,
            ["Mesh__Instance"] = instance,
            ["Mesh__Version"] = version,
            ["Mesh__ConfigServer"] = DeskAddress.ToString(),
            ["Mesh__Snapshot__Folder"] = Path.Combine(Folder, "snapshots"),
            ["Mesh__Discovery__KeepLastGood"] = options.Without == "lastgood" ? "false" : "true",
            ["Mesh__Server__Drain"] = options.Without == "drain" ? "false" : "true",
            ["Shop__Folder"] = Folder,
            ["Shop__Canary"] = Wire.Canary,
            ["Shop__Seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Mesh"] = "Information",
        };
        if (seenAs != port)
        {
            environment["Mesh__Server__Address"] = $"127.0.0.1:{seenAs}";
        }

        if (options.Without == "mtls")
        {
            environment["Mesh__Identity__Source"] = "None";
        }

        if (service == "payments")
        {
            environment["Kestrel__EndpointDefaults__Protocols"] = "Http2";
        }

        _environments.Add(environment);
        return environment;
    }

    /// <summary>The program built beside this one, in the same configuration.</summary>
    private static string Dll(string folder, string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var (framework, configuration) = (output.Name, output.Parent!.Name);
        var root = output.Parent.Parent!.Parent!.Parent!.Parent!.FullName;
        var file = Path.Combine(root, folder, project, "bin", configuration, framework, project + ".dll");
        return File.Exists(file) ? file : throw new FileNotFoundException($"{project} is not built: {file}", file);
    }

    /// <summary>
    /// Ports nobody listens on, below those the system gives to outgoing connections: an instance that was killed must
    /// find its port free when it is started again.
    /// </summary>
    private static int[] FreePorts(int count) =>
    [
        .. Enumerable.Range(0, int.MaxValue).Select(_ => Random.Shared.Next(12_000, 20_000)).Distinct().Where(IsFree)
            .Take(count),
    ];

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
