using System.Text.Json;

namespace Mesh.Testing;

/// <summary>
/// Several real Consul servers of one datacenter on loopback, for tests of what happens when their leader changes. Any of
/// them answers for all; each is a <see cref="ConsulAgent"/> that can be stopped, killed, paused and restarted.
/// </summary>
/// <example>
/// <code>
/// await using var cluster = await ConsulCluster.StartAsync();
/// var leader = await cluster.LeaderAsync();
/// await leader.KillAsync();
/// var next = await cluster.LeaderAsync();
/// </code>
/// </example>
public sealed class ConsulCluster : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;
    private readonly ConsulAgentPorts[] _ports;

    private ConsulCluster(string folder, ConsulAgentPorts[] ports, ConsulAgent[] servers)
    {
        (_folder, _ports, Servers) = (folder, ports, servers);
    }

    /// <summary>The servers, the leader among them.</summary>
    public IReadOnlyList<ConsulAgent> Servers { get; }

    /// <summary>Starts the servers together and waits until they have a leader and take writes.</summary>
    /// <param name="servers">How many, 3 to 7; an odd number. Default 3: one of them may be lost.</param>
    /// <param name="options">
    /// How to start each; its node name, ports, data folder and joins are this class's to choose. <see langword="null"/> for
    /// servers without ACLs in <c>dc1</c>.
    /// </param>
    /// <param name="cancellationToken">Gives up; nothing is left running.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many servers make no sense.</exception>
    /// <exception cref="ConsulNotFoundException">No binary was found; the message names every way tried.</exception>
    /// <exception cref="ConsulAgentException">A server ended, or was not ready in time; the message has its log.</exception>
    public static async Task<ConsulCluster> StartAsync(
        int servers = 3, ConsulAgentOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (servers is < 3 or > 7 || servers % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(servers), servers, "A cluster has 3, 5 or 7 servers.");
        }

        var folder = Directory.CreateTempSubdirectory("mesh-testing-cluster-").FullName;
        var ports = Enumerable.Range(0, servers).Select(_ => FreePorts.Take(Random.Shared)).ToArray();
        var token = options?.ManagementToken ?? (options?.AclDefaultDeny == true ? Guid.NewGuid().ToString() : null);
        var starting = ports.Select((own, i) =>
        {
            var each = options?.Copy() ?? new ConsulAgentOptions();
            each.NodeName = $"{each.Datacenter}-server-{i + 1}";
            each.Ports = own;
            each.DataFolder = Path.Combine(folder, each.NodeName);
            each.ManagementToken = token;
            each.Servers = servers;
            each.JoinLan = [.. ports.Where(p => p != own).Select(p => $"127.0.0.1:{p.SerfLan}")];
            return ConsulAgent.StartAsync(each, cancellationToken);
        }).ToArray();
        try
        {
            return new ConsulCluster(folder, ports, await Task.WhenAll(starting).ConfigureAwait(false));
        }
        catch
        {
            foreach (var start in starting.Where(s => s.IsCompletedSuccessfully))
            {
                await (await start.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }

            CleanUp(folder, ports);
            throw;
        }
    }

    /// <summary>The server that leads, by the word of one that runs; waits for an election to end.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">Too few servers run for an election.</exception>
    public async Task<ConsulAgent> LeaderAsync(CancellationToken cancellationToken = default)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (true)
        {
            var running = Servers.Where(s => s.IsRunning).ToArray();
            if (running.Length <= Servers.Count / 2)
            {
                throw new InvalidOperationException($"{running.Length} of {Servers.Count} servers run: none can lead.");
            }

            var address = await AskAsync(http, running[0], cancellationToken).ConfigureAwait(false);
            if (Array.Find(running, s => address == $"127.0.0.1:{s.Ports.Server}") is { } leader)
            {
                return leader;
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends all servers at once; their data goes with them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }

        CleanUp(_folder, _ports);
    }

    private static void CleanUp(string folder, ConsulAgentPorts[] ports)
    {
        foreach (var taken in ports)
        {
            FreePorts.Release(taken);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string?> AskAsync(HttpClient http, ConsulAgent server, CancellationToken cancellationToken)
    {
        try
        {
            var text = await http.GetStringAsync(new Uri(server.Address, "/v1/status/leader"), cancellationToken)
                .ConfigureAwait(false);
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetString();
        }
        catch (HttpRequestException)
        {
            // No leader just now: it answers 500 until there is one.
            return null;
        }
    }
}
