using System.CommandLine;
using System.Text.Json;
using Mesh.LoadBench;
using Mesh.LoadBench.Goodput;
using Mesh.LoadBench.Herd;
using Mesh.LoadBench.Mtls;
using Mesh.LoadBench.Mtls.Roles;
using Mesh.LoadBench.Roles;
using Mesh.LoadBench.Small;

var rounds = new Option<int>("--rounds")
{
    Description = "Rounds, 3 to 50; each takes half a minute, and the warm-up a minute.",
    DefaultValueFactory = static _ => 7,
};
rounds.Validators.Add(static result =>
{
    if (result.GetValueOrDefault<int>() is < 3 or > 50)
    {
        result.AddError("--rounds is 3 to 50.");
    }
});
var json = new Option<FileInfo?>("--json") { Description = "Writes every window into this file." };
var output = new Option<FileInfo?>("--output") { Description = "Writes the tables into this file too." };
var setup = new Argument<string>("setup");
var server = new Command("server") { Hidden = true };
server.SetAction(static _ => ServerRole.RunAsync());
var client = new Command("client") { setup };
client.Hidden = true;
client.SetAction(parsed => ClientRole.RunAsync(JsonSerializer.Deserialize<ClientSetup>(parsed.GetValue(setup)!)!));
var idle = new Option<int>("--idle")
{
    Description = "Seconds each service is left alone while its processor time is counted.",
    DefaultValueFactory = static _ => 60,
};
var settle = new Option<int>("--settle")
{
    Description = "Seconds each service is left alone before that; what an idle process runs is compiled for good in minutes.",
    DefaultValueFactory = static _ => 100,
};
var smallService = new Command("small-service") { setup };
smallService.Hidden = true;
smallService.SetAction(parsed =>
    SmallService.RunAsync(JsonSerializer.Deserialize<SmallSetup>(parsed.GetValue(setup)!)!));
var small = new Command("small", "What the mesh adds to a service with a quarter of a processor and 128 MiB.")
{
    rounds, settle, idle, output,
};
small.SetAction(async (parsed, cancellationToken) =>
{
    var text = await SmallBench.RunAsync(
        parsed.GetValue(rounds),
        TimeSpan.FromSeconds(parsed.GetValue(settle)),
        TimeSpan.FromSeconds(parsed.GetValue(idle)),
        Console.Error,
        cancellationToken);
    Console.Write(text);
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
    }
});
var herdClients = new Option<int>("--clients") { Description = "Clients, 1 to 2000.", DefaultValueFactory = static _ => 500 };
var herdServices = new Option<int>("--services") { Description = "Upstreams of each.", DefaultValueFactory = static _ => 30 };
var herdRounds = new Option<int>("--herds") { Description = "Cold starts.", DefaultValueFactory = static _ => 3 };
var herd = new Command("herd", "Many cold clients at once on one Consul agent: time to ready, processor time of the agent.")
{
    herdClients, herdServices, herdRounds, output,
};
herd.SetAction(async (parsed, cancellationToken) =>
{
    var text = await HerdBench.RunAsync(
        parsed.GetValue(herdClients), parsed.GetValue(herdServices), parsed.GetValue(herdRounds), Console.Error,
        cancellationToken);
    Console.Write(text);
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
    }
});
var mtlsServer = new Command("mtls-server") { setup };
mtlsServer.Hidden = true;
mtlsServer.SetAction(static parsed => MtlsServerRole.RunAsync(parsed.GetValue<string>("setup")!));
var meshServer = new Command("mesh-server") { setup };
meshServer.Hidden = true;
meshServer.SetAction(parsed =>
    MeshServerRole.RunAsync(JsonSerializer.Deserialize<MeshServerSetup>(parsed.GetValue(setup)!)!));
var mtlsClient = new Command("mtls-client") { setup };
mtlsClient.Hidden = true;
mtlsClient.SetAction(parsed =>
    MtlsClientRole.RunAsync(JsonSerializer.Deserialize<MtlsClientSetup>(parsed.GetValue(setup)!)!));
var proxy = new Command("proxy") { setup };
proxy.Hidden = true;
proxy.SetAction(parsed => ProxyRole.RunAsync(JsonSerializer.Deserialize<ProxySetup>(parsed.GetValue(setup)!)!));
var mtls = new Command("mtls", "What mTLS costs: the mesh, plain clients, and pairs of Consul's proxy, nginx and haproxy.")
{
    rounds, output,
};
mtls.SetAction(async (parsed, cancellationToken) =>
{
    var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
    var (report, findings) = await MtlsBench.RunAsync(
        new Plan(parsed.GetValue(rounds)), Console.Error, cancellationToken);
    using var text = new StringWriter();
    await report.WriteAsync(text, load);
    Console.Write(text.ToString());
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, text.ToString(), cancellationToken);
    }

    return await EndAsync(findings);
});
var goodputServer = new Command("goodput-server") { setup };
goodputServer.Hidden = true;
goodputServer.SetAction(parsed =>
    GoodputServer.RunAsync(JsonSerializer.Deserialize<GoodputSetup>(parsed.GetValue(setup)!)!));
var window = new Option<int>("--window")
{
    Description = "Seconds each load is measured for, 2 to 60.",
    DefaultValueFactory = static _ => 10,
};
var work = new Option<string[]>("--work")
{
    Description = "What has a capacity: pool, cpu or both. For cpu the machine must have nothing else to do.",
    DefaultValueFactory = static _ => ["pool", "cpu"],
    AllowMultipleArgumentsPerToken = true,
};
work.AcceptOnlyFromAmong("pool", "cpu");
var goodput = new Command("goodput", "Answers in time at 0.5 to 4 times the capacity, with inbound.concurrency and without.")
{
    window, work, output,
};
goodput.SetAction(async (parsed, cancellationToken) =>
{
    var (text, passed) = await GoodputBench.RunAsync(
        parsed.GetValue(work)!, TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(window), 2, 60)), Console.Error,
        cancellationToken);
    Console.Write(text);
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
    }

    return passed ? 0 : 1;
});
var command = new RootCommand(
    "A plain HttpClient against the mesh, on loopback: server and clients are processes of their own that take turns.")
{
    rounds, json, output, server, client, small, smallService, herd, goodput, goodputServer, mtls, mtlsServer, meshServer,
    mtlsClient, proxy,
};
command.SetAction(async (parsed, cancellationToken) =>
{
    var plan = new Plan(parsed.GetValue(rounds));
    var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
    var findings = await Bench.RunAsync(plan, Console.Error, cancellationToken);
    var report = new Report(plan, findings, load);
    using var text = new StringWriter();
    await report.WriteAsync(text);
    Console.Write(text.ToString());
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, text.ToString(), cancellationToken);
    }

    if (parsed.GetValue(json) is { } windows)
    {
        await File.WriteAllTextAsync(windows.FullName, report.Json(), cancellationToken);
    }

    return await EndAsync(findings);
});
return await command.Parse(args).InvokeAsync();

static async Task<int> EndAsync(Findings findings)
{
    var failed = findings.Everything.Where(static window => window.Errors > 0).ToArray();
    if (failed.Length == 0)
    {
        return 0;
    }

    var count = failed.Sum(static window => window.Errors);
    await Console.Error.WriteLineAsync($"{count} calls failed; the first: {failed[0].FirstError}");
    return 1;
}
