using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Mesh.Client;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// A real Consul, processes, backends, callers and loads that end with the scenario, whatever becomes of it. A failure
/// prints what all of them logged; the counts go to <c>tests/Results</c>. Consul denies by default: each process has a
/// token with the rules that the README gives to its role, only the operator may do everything.
/// </summary>
internal sealed class Scenario
{
    public const string Callee = "samples/HelloMesh/Callee/HelloMesh.Callee";
    public const string Caller = "samples/HelloMesh/Caller/HelloMesh.Caller";
    public const string Inventory = "samples/Shop.Inventory/Shop.Inventory";
    public const string Service = "tests/Mesh.Scenarios.Service/Mesh.Scenarios.Service";
    public const string Desk = "src/Mesh.ConfigServer/Mesh.ConfigServer";

    private readonly Stack<IAsyncDisposable> _owned = new();
    private readonly List<Load> _loads = [];
    private readonly Dictionary<string, JsonNode> _figures = [];
    private readonly Dictionary<string, Task<string>> _tokens = [];

    private Scenario(string folder, ConsulAgent consul)
    {
        (Folder, Consul) = (folder, consul);
        Operator = new ConsulOperator(consul.Address, consul.ManagementToken);
    }

    /// <summary>A folder of this scenario.</summary>
    public string Folder { get; }

    public ConsulAgent Consul { get; }

    public ConsulOperator Operator { get; }

    public static async Task RunAsync(
        ITestOutputHelper output, Func<Scenario, Task> body, ConsulAgentOptions? consul = null,
        [CallerMemberName] string name = "", string variant = "")
    {
        var watch = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("mesh-scenario-").FullName;
        consul ??= new ConsulAgentOptions();
        consul.AclDefaultDeny = true;
        await using var agent = await ConsulAgent.StartAsync(consul);
        var scenario = new Scenario(folder, agent);
        try
        {
            await body(scenario);
        }
        catch (Exception)
        {
            scenario.Print(output);
            throw;
        }
        finally
        {
            await scenario.EndAsync();
            scenario.Save(variant.Length == 0 ? name : $"{name}.{variant}", watch.Elapsed);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Starts a program of this repository as a service.</summary>
    public async Task<ServiceProcess> StartProcessAsync(
        string program, string instance, int port = 0, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["CONSUL_HTTP_ADDR"] = Consul.Address.ToString(),
            ["CONSUL_HTTP_TOKEN"] = await TokenAsync(RulesOf(program, settings)),
            ["Mesh__Instance"] = instance,
            ["Mesh__Snapshot__Folder"] = Path.Combine(Folder, "snapshots"),
            ["Mesh__Server__Heartbeat"] = "1s",
            ["Desk__DataFolder"] = Path.Combine(Folder, "desk"),
            ["Shop__Folder"] = Folder,
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Mesh"] = "Information",
        };
        foreach (var (setting, value) in settings)
        {
            environment[setting] = value;
        }

        return Own(await ServiceProcess.StartAsync(program, instance, environment, port));
    }

    /// <summary>
    /// Starts the tests' own service, which <c>Mesh.Scenarios.Service/README.md</c> describes. What its instances
    /// executed is read with <see cref="Executed"/>.
    /// </summary>
    public async Task<ServiceProcess> StartServiceAsync(
        string service, string instance, int port = 0, bool registered = true,
        params (string Name, string Value)[] settings)
    {
        var process = await StartProcessAsync(
            Service,
            instance,
            port,
            [
                ("Mesh__Service", service),
                ("Scenario__Ledger", Path.Combine(LedgerFolder(service), instance)),
                .. settings,
            ]);
        if (registered)
        {
            await RegisteredAsync(service, instance);
        }

        return process;
    }

    /// <summary>Every id that instances of a service executed, as often as they did.</summary>
    public IReadOnlyList<string> Executed(string service) =>
        [.. Directory.EnumerateFiles(LedgerFolder(service)).SelectMany(File.ReadLines)];

    /// <summary>The smallest sample's callee, with its answer as a load sees it.</summary>
    public async Task<ServiceProcess> StartCalleeAsync(string instance, bool registered = true)
    {
        var callee = await StartProcessAsync(Callee, instance);
        using (var client = new HttpClient())
        {
            // The first call of a process is slow.
            await client.GetStringAsync(new Uri(callee.Address, "/hello/warm-up"));
        }

        if (registered)
        {
            await RegisteredAsync("greeter", instance);
        }

        return callee;
    }

    /// <summary>What <see cref="StartCalleeAsync"/>'s process answers to <see cref="StartHelloLoad"/>.</summary>
    public static string AnswerOf(ServiceProcess callee) => $"Hello load, from process {callee.Id}";

    public async Task RegisteredAsync(string service, string instance) => await Eventually.TrueAsync(
        async () => (await Operator.InstancesAsync(service)).Contains(instance), $"{instance} in Consul");

    public async Task<HttpBackend> StartBackendAsync(string name) =>
        Own(await HttpBackend.StartAsync(new HttpBackendOptions { Name = name }));

    /// <summary>Consul's own proxy, e.g. <c>-sidecar-for ledger1</c>.</summary>
    public async Task<ConnectProxy> StartConnectProxyAsync(params string[] arguments) =>
        Own(await ConnectProxy.StartAsync(Consul, arguments));

    public async Task<MeshCaller> StartCallerAsync(Action<MeshOptions>? configure = null)
    {
        var token = await TokenAsync(TokenRules.Client);
        return Own(await MeshCaller.StartAsync(options =>
        {
            options.Service = "caller";
            options.Consul.Address = Consul.Address.ToString();
            options.Consul.Token = token;
            options.Snapshot.Enabled = false;
            configure?.Invoke(options);
            if (options.Consul.TokenFile is not null)
            {
                // A token beside a file would stand in until the file holds one.
                options.Consul.Token = null;
            }
        }));
    }

    /// <summary>
    /// A token with these rules, the same one for all who ask for them. Made on first use, which needs Consul.
    /// </summary>
    public Task<string> TokenAsync(string rules)
    {
        lock (_tokens)
        {
            if (!_tokens.TryGetValue(rules, out var token))
            {
                _tokens[rules] = token = Consul.CreateTokenAsync(rules);
            }

            return token;
        }
    }

    public Load StartLoad(MeshCaller caller, string url, int rate = 150, bool noRetry = false)
    {
        var load = Own(Load.Start(caller.Client, url, rate, noRetry));
        _loads.Add(load);
        return load;
    }

    public Load StartHelloLoad(MeshCaller caller, int rate = 150, bool noRetry = false) =>
        StartLoad(caller, "http://greeter/hello/load", rate, noRetry);

    /// <summary>Keeps a figure for the results.</summary>
    public void Figure(string name, double value) => _figures[name] = Math.Round(value, 3);

    /// <inheritdoc cref="Figure(string, double)"/>
    public void Figure(string name, IEnumerable<int> values) =>
        _figures[name] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]);

    private string LedgerFolder(string service) =>
        Directory.CreateDirectory(Path.Combine(Folder, "ledgers", service)).FullName;

    /// <summary>The rules of a program's role. Its service is named by a setting, else after the project.</summary>
    private static string RulesOf(string program, (string Name, string Value)[] settings) => program switch
    {
        Desk => TokenRules.Desk,
        _ when settings.FirstOrDefault(s => s.Name == "Mesh__Service").Value is { } name => TokenRules.Service(name),
        Callee => TokenRules.Service("greeter"),
        Caller => TokenRules.Service("hello"),
        _ => TokenRules.Service(program.Split('.')[^1].ToLowerInvariant()),
    };

    private T Own<T>(T disposable)
        where T : IAsyncDisposable
    {
        _owned.Push(disposable);
        return disposable;
    }

    private async Task EndAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            await owned.DisposeAsync();
        }

        Operator.Dispose();
    }

    private void Print(ITestOutputHelper output)
    {
        foreach (var owned in _owned.Reverse())
        {
            output.WriteLine(owned switch
            {
                ServiceProcess process => $"=== process {process.Name} {process.Id}\n{process.Log}",
                MeshCaller caller => $"=== caller\n{caller.Log}",
                Load load => $"=== load, now at {load.Now}\n{load.Describe()}\n" + string.Join(
                    '\n',
                    load.Calls.GroupBy(c => c.Answer)
                        .Select(g => $"{g.Count()} x {g.Key}: {g.Min(c => c.Start)} to {g.Max(c => c.Start)}")),
                HttpBackend backend => $"=== backend {backend.Name}: {backend.RequestCount} requests",
                _ => owned.ToString(),
            });
        }

        output.WriteLine($"=== Consul\n{string.Join('\n', Consul.Log.Split('\n').TakeLast(40))}");
    }

    private void Save(string name, TimeSpan took)
    {
        var result = new JsonObject
        {
            ["name"] = name,
            ["calls"] = _loads.Sum(l => l.Calls.Count),
            ["failed"] = _loads.Sum(l => l.Failed.Count),
            ["duration"] = Math.Round(took.TotalSeconds, 2),
        };
        foreach (var (figure, value) in _figures)
        {
            result[figure] = value;
        }

        Results.Save(name, result);
    }
}
