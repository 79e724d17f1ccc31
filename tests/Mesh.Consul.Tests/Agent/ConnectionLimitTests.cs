using System.Net;
using System.Net.Sockets;
using Mesh.Testing;

namespace Mesh.Consul.Tests;

/// <summary>
/// The agent closes connections above its limit without a word; that is told from every other failure.
/// </summary>
public sealed class ConnectionLimitTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Call_AgentAtItsLimit_SaysWhichLimitAndWorksAgainBelowIt()
    {
        await using var agent = await ConsulAgent.StartAsync(
            new ConsulAgentOptions { ExtraConfig = """{"limits":{"http_max_conns_per_client":8}}""" });
        using var client = new ConsulClient(new ConsulClientOptions { Address = agent.Address.AbsoluteUri });
        await client.GetLeaderAsync(None);
        var others = await OccupyAsync(agent.Address.Port);

        var error = await Assert.ThrowsAsync<ConsulException>(() => client.ProbeConnectionAsync(None));
        var leader = await client.GetLeaderAsync(None);

        Assert.True(error.IsConnectionLimit);
        Assert.Contains("http_max_conns_per_client", error.Message, StringComparison.Ordinal);
        Assert.NotEqual("", leader);
        others.ForEach(o => o.Dispose());
        await Eventually(async () =>
        {
            await client.ProbeConnectionAsync(None);
            return true;
        });
    }

    [Fact]
    public async Task Call_NobodyListens_IsNoLimit()
    {
        using var client = new ConsulClient(new ConsulClientOptions { Address = "127.0.0.1:1" });

        Assert.False((await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None))).IsConnectionLimit);
    }

    [Fact]
    public async Task Call_ConnectionDoesNotComeAboutInTime_IsAConsulExceptionLikeAnyOther()
    {
        var settings = ConsulSettings.Resolve(new ConsulClientOptions { Address = "127.0.0.1:1" }, _ => null);
        using var client = new ConsulClient(settings, TimeProvider.System, new SlowToConnect());

        var error = await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None));

        Assert.False(error.IsConnectionLimit);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ConnectionEndsWithinItsAnswer_IsNoLimit()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync();
            await connection.GetStream().ReadAtLeastAsync(new byte[1000], 10);
            await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Le"u8.ToArray());
        });
        using var client = new ConsulClient(
            new ConsulClientOptions { Address = listener.LocalEndpoint.ToString() });

        Assert.False((await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None))).IsConnectionLimit);
        await serving;
    }

    [Fact]
    public async Task Call_NewerAgentSaysTooMany_IsTheLimit()
    {
        await using var consul = await FakeConsul.StartAsync(
            "Your IP is issuing too many concurrent connections, please rate limit your calls\n", status: 429);
        using var client = consul.Client();

        Assert.True((await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None))).IsConnectionLimit);
    }

    [Fact]
    public async Task HealthState_Filtered_HasOnlyWhatMatches()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = new ConsulClient(new ConsulClientOptions { Address = agent.Address.AbsoluteUri });
        foreach (var name in new[] { "orders", "stock", "or" })
        {
            await client.RegisterServiceAsync(
                new ServiceRegistration
                {
                    Id = name, Name = name, Port = 1,
                    Checks = [new CheckRegistration { CheckId = name, Name = "ttl", Ttl = TimeSpan.FromHours(1) }],
                },
                None);
        }

        var query = new ConsulQuery { Filter = "ServiceName matches `^(orders|or)?$`" };
        var answer = await client.GetHealthStateAsync("any", query, None);

        Assert.Equal(["", "or", "orders"], answer.Value.Select(c => c.ServiceName).Order(StringComparer.Ordinal));
    }

    /// <summary>Opens connections until the agent takes no more.</summary>
    private static async Task<List<Socket>> OccupyAsync(int port)
    {
        var open = new List<Socket>();
        while (open.Count < 20)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port);
            open.Add(socket);
            await Task.Delay(20);
        }

        return open;
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (ConsulException) when (attempt < 200)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Ends as the platform's handler does when its time for a connection has passed.</summary>
    private sealed class SlowToConnect : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new TaskCanceledException("The operation was canceled.", new TimeoutException());
    }
}
