using System.Net;
using System.Text.Json;
using Mesh.LoadBench.Load;
using Mesh.LoadBench.Mtls.Proxies;
using Mesh.LoadBench.Mtls.Roles;
using Mesh.LoadBench.Roles;
using Mesh.Testing;

namespace Mesh.LoadBench.Mtls;

/// <summary>
/// What mTLS costs, inside the process and in pairs of proxies: starts every path once, warms each client, and lets them
/// take turns.
/// </summary>
internal static class MtlsBench
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<(MtlsReport Report, Findings Findings)> RunAsync(
        Plan plan, TextWriter progress, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-loadbench-").FullName;
        try
        {
            var certificates = BenchCertificates.Create(folder);
            await using var agent = await ConsulAgent.StartAsync(
                new ConsulAgentOptions { LogLevel = "warn", Connect = true }, cancellationToken);
            await using var server = ChildProcess.Start("mtls-server", folder);
            var ports = await server.ReadAsync<MtlsServerPorts>(cancellationToken);
            await using var proxies = new ProxyHost(folder);
            await using var mesh = new MeshServers(agent.Address);
            MtlsRow[] rows =
            [
                .. await RowsAsync(agent, certificates, ports, proxies, cancellationToken),
                await mesh.StartAsync(MtlsRow.Mesh, instances: 1, cancellationToken),
                await mesh.StartAsync(MtlsRow.MeshFour, instances: 4, cancellationToken),
            ];
            var findings = await MeasureAsync(plan, rows, progress, cancellationToken);
            return (await MtlsReport.CreateAsync(plan, rows, findings, agent.Version, cancellationToken), findings);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<MtlsRow>> RowsAsync(
        ConsulAgent agent, BenchCertificates certificates, MtlsServerPorts server, ProxyHost proxies,
        CancellationToken cancellationToken)
    {
        List<MtlsRow> rows =
        [
            new(MtlsRow.Bare, "HTTP/1.1", Bare("http", server.Http1, false)),
            new(MtlsRow.BareMtls, "HTTP/1.1 in mTLS", Bare("https", server.Mtls, false)),
            new(MtlsRow.BareMtls2, "HTTP/2 in mTLS", Bare("https", server.Mtls, true)),
            await ConsulPair.StartAsync(proxies, agent, server, usesHttp2: false, cancellationToken),
            await ConsulPair.StartAsync(proxies, agent, server, usesHttp2: true, cancellationToken),
            await NginxPair.StartAsync(proxies, certificates, server, cancellationToken),
            await NginxPair.Http2Async(cancellationToken),
        ];
        foreach (var name in (string[])[MtlsRow.Haproxy, MtlsRow.HaproxyBetween, MtlsRow.Haproxy2])
        {
            rows.Add(await HaproxyPair.StartAsync(proxies, certificates, server, name, cancellationToken));
        }

        foreach (var setup in rows.Select(static row => row.Setup).OfType<MtlsClientSetup>().Where(s => s.ProxyIds.Length > 0))
        {
            await WaitUntilItAnswersAsync(setup, cancellationToken);
        }

        return rows;

        MtlsClientSetup Bare(string scheme, int port, bool usesHttp2) => new(
            $"{scheme}://127.0.0.1:{port}/item", usesHttp2, scheme == "https" ? certificates.Folder : null, null,
            [server.ProcessId], []);
    }

    /// <summary>Consul's proxies accept connections before they have certificates and know each other.</summary>
    private static async Task WaitUntilItAnswersAsync(MtlsClientSetup setup, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            DefaultRequestVersion = setup.UsesHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        while (true)
        {
            string problem;
            try
            {
                using var answer = await client.GetAsync(new Uri(setup.Url), patience.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                problem = $"it answered {(int)answer.StatusCode}";
            }
            catch (HttpRequestException failure)
            {
                problem = failure.Message;
            }

            try
            {
                await Task.Delay(200, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"{setup.Url}, a pair of proxies, is not ready: {problem}");
            }
        }
    }

    private static async Task<Findings> MeasureAsync(
        Plan plan, MtlsRow[] rows, TextWriter progress, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        var clients = new List<(string Name, ChildProcess Client)>();
        try
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows[i].Setup is { } setup)
                {
                    await progress.WriteLineAsync($"first 8 s: {rows[i].Name}");
                    var client = ChildProcess.Start("mtls-client", JsonSerializer.Serialize(setup));
                    clients.Add((rows[i].Name, client));
                    rows[i] = await IdentifyAsync(rows[i], client, progress, cancellationToken);
                    findings.First.Add(rows[i].Name, await Bench.AskAsync(
                        client, new WindowOrder(Plan.Saturated, 0, Plan.WarmUpMilliseconds), cancellationToken));
                }
            }

            for (var round = 0; round < plan.Rounds; round++)
            {
                await progress.WriteLineAsync($"round {round + 1} of {plan.Rounds}");
                await RoundAsync(round, clients, findings, cancellationToken);
            }

            return findings;
        }
        finally
        {
            foreach (var (_, client) in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    /// <summary>What is said of the mesh's row is what its callee saw, not what was meant.</summary>
    private static async Task<MtlsRow> IdentifyAsync(
        MtlsRow row, ChildProcess client, TextWriter progress, CancellationToken cancellationToken)
    {
        if (row.Setup?.Consul is null)
        {
            return row;
        }

        var seen = await client.ReadAsync<string>(cancellationToken);
        await progress.WriteLineAsync($"  {seen}");
        return row with { Wire = $"{seen.Split(' ')[0]} in mTLS" };
    }

    private static async Task RoundAsync(
        int round, List<(string Name, ChildProcess Client)> clients, Findings findings, CancellationToken cancellationToken)
    {
        foreach (var inFlight in (int[])[Plan.Saturated, Plan.Alone])
        {
            var (ramp, window) = Plan.Of(inFlight);

            // Every other round backwards, as in the other benchmark.
            foreach (var (name, client) in round % 2 == 0 ? clients : Enumerable.Reverse(clients))
            {
                findings.Add(name, inFlight, await Bench.AskAsync(
                    client, new WindowOrder(inFlight, ramp, window), cancellationToken));
            }
        }
    }
}
