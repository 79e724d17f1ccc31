namespace Mesh.Testing.Tests.Consul;

public sealed class ConsulClusterTests
{
    [Fact]
    public async Task Leader_Killed_AnotherTakesOverAndKeepsTheData()
    {
        await using var cluster = await ConsulCluster.StartAsync();
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var first = await cluster.LeaderAsync(patience.Token);
        Assert.Equal(3, cluster.Servers.Count);
        await http.PutAsync(new Uri(first.Address, "/v1/kv/greeting"), new StringContent("hello"), patience.Token);

        await first.KillAsync();
        var second = await cluster.LeaderAsync(patience.Token);

        Assert.NotSame(first, second);
        Assert.Equal("hello", await http.GetStringAsync(new Uri(second.Address, "/v1/kv/greeting?raw"), patience.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task Start_NumberThatMakesNoCluster_IsRefused(int servers) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ConsulCluster.StartAsync(servers));
}
