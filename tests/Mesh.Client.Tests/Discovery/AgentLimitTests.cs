using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;

namespace Mesh.Client.Tests.Discovery;

/// <summary>The agent allows so many connections from one address; processes on one machine share them.</summary>
public sealed class AgentLimitTests
{
    private static readonly Exception Refused = new ConsulException("refused");

    private static readonly Exception TooMany = new ConsulException(
        "Your IP is issuing too many concurrent connections", HttpStatusCode.TooManyRequests);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Failed_SecondSignWithinTenSeconds_IsTheLimit()
    {
        var limit = new AgentLimit(_time);

        Assert.False(limit.Failed(TooMany));
        Assert.False(limit.Failed(TooMany)); // the same moment
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(limit.Failed(TooMany));
    }

    [Fact]
    public void Failed_SignsFarApart_AreNot()
    {
        var limit = new AgentLimit(_time);

        Assert.False(limit.Failed(TooMany));
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.False(limit.Failed(TooMany));
    }

    [Fact]
    public void Failed_AgentGoesDownInBetween_IsNot()
    {
        var limit = new AgentLimit(_time);

        Assert.False(limit.Failed(TooMany));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(limit.Failed(Refused));

        Assert.False(limit.Failed(TooMany));
    }

    [Fact]
    public async Task Feed_StartsWhereNoConnectionsAreLeftForAll_SharesOneWatchAndLearnsEverything()
    {
        await using var agent = await StartAsync(limit: 14);
        await using var bench = new FeedBench(agent);
        using var crowd = new Crowd(agent);
        var names = await RegisterAsync(bench, 10);
        await crowd.OpenAsync(7);

        names.ForEach(name => bench.Discover(name));

        foreach (var name in names)
        {
            await bench.EndpointsBecomeAsync(name, "5001 Passing");
        }

        await Eventually.BecomesAsync(() => bench.Discovery.IsShared, () => "Still a watch for each service.");
        var said = Assert.Single(bench.Logs.Of(1005));
        Assert.Contains("limits.http_max_conns_per_client", said, StringComparison.Ordinal);
        Assert.Contains("Mesh:Consul:MaxBlockingQueries", said, StringComparison.Ordinal);
        await bench.RegisterAsync("other", 5002, names[9]);
        await bench.EndpointsBecomeAsync(names[9], "5001 Passing", "5002 Passing");
    }

    [Fact]
    public async Task Feed_HoldsManyConnectionsWhenOthersFindNone_GivesThemBackAndTakesThemAgainAnHourLater()
    {
        await using var agent = await StartAsync(limit: 20);
        await using var bench = new FeedBench(agent, clock: _time);
        using var crowd = new Crowd(agent);
        var names = await RegisterAsync(bench, 10);
        names.ForEach(name => bench.Discover(name));
        foreach (var name in names)
        {
            await bench.EndpointsBecomeAsync(name, "5001 Passing");
        }

        await crowd.FillAsync();
        Assert.False(bench.Discovery.IsShared);
        await Eventually.BecomesAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return bench.Discovery.IsShared;
            },
            () => "Nothing was given back.");
        foreach (var name in names)
        {
            // Ends the reads that block, as their waits would do in time.
            await bench.RegisterAsync($"{name}-1", 5002, name);
            await bench.EndpointsBecomeAsync(name, "5002 Passing");
        }

        await Eventually.BecomesAsync(() => crowd.RoomAsync().Result > 4, () => "No room was made.");
        Assert.Single(bench.Logs.Of(1005));

        crowd.Dispose();
        await Eventually.BecomesAsync(() => crowd.RoomAsync().Result > 10, () => "The crowd stays.");
        await bench.EndpointsBecomeAsync(names[0], "5002 Passing");
        _time.Advance(TimeSpan.FromMinutes(80));
        await Eventually.BecomesAsync(() => !bench.Discovery.IsShared, () => "Still shared.");
    }

    private static Task<ConsulAgent> StartAsync(int limit) => ConsulAgent.StartAsync(
        new ConsulAgentOptions { ExtraConfig = $"limits {{ http_max_conns_per_client = {limit} }}" });

    private static async Task<List<string>> RegisterAsync(FeedBench bench, int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"service-{i}").ToList();
        foreach (var name in names)
        {
            await bench.RegisterAsync($"{name}-1", 5001, name);
        }

        return names;
    }
}
