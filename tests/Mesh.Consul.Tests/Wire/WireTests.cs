using System.Text;

namespace Mesh.Consul.Tests;

public sealed class WireTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Health_OfANewerConsul_IsReadAndTheUnknownSkipped()
    {
        var instance = Assert.Single(await HealthAsync(Fixture("health-service.new.json")));

        var node = instance.Node;
        Assert.Equal(("node-a", "10.1.0.4", "dc1"), (node.Node, node.Address, node.Datacenter));
        Assert.Equal("z1", instance.Node.Meta["zone"]);
        var service = instance.Service;
        Assert.Equal(("orders-1", "orders"), (service.Id, service.Service));
        Assert.Equal(("10.1.0.40", 8080), (service.Address, service.Port));
        Assert.Equal(["http", "canary"], service.Tags);
        Assert.Equal("café \"team\"", service.Meta["owner"]);
        Assert.Equal(new ConsulWeights(10, 3), service.Weights);
        Assert.Equal(44ul, service.ModifyIndex);
        Assert.Equal([ConsulHealth.Passing, ConsulHealth.Warning], instance.Checks.Select(check => check.Status));
        Assert.Equal(
            ("orders-ttl", "heartbeat", "orders-1", "orders", "node-a", "slow"),
            instance.Checks.Select(c => (c.CheckId, c.Name, c.ServiceId, c.ServiceName, c.Node, c.Output)).Last());
    }

    [Fact]
    public async Task Health_FullOfNulls_BecomesDefaults()
    {
        var instances = await HealthAsync(Fixture("health-service.nulls.json"));

        Assert.Equal(["node-b", "node-c"], instances.Select(instance => instance.Node.Node));
        var (node, service) = (instances[0].Node, instances[0].Service);
        Assert.Null(node.Datacenter);
        Assert.Empty(node.Meta);
        Assert.Empty(service.Tags);
        Assert.Empty(service.Meta);
        Assert.Equal((ConsulWeights.Default, 0ul), (service.Weights, service.ModifyIndex));
        var check = Assert.Single(instances[0].Checks);
        Assert.Equal((ConsulHealth.Critical, "", ""), (check.Status, check.Output, check.ServiceId));
        Assert.Empty(instances[1].Checks);
        Assert.Equal(new ConsulWeights(1, 0), instances[1].Service.Weights);
    }

    [Fact]
    public async Task Lists_ThatAreNull_AreEmpty()
    {
        Assert.Empty(await HealthAsync("null"));
        await using var consul = await FakeConsul.StartAsync("null");
        using var client = consul.Client();

        Assert.Empty((await client.GetServicesAsync(ConsulQuery.None, None)).Value);
        Assert.Empty((await client.GetHealthStateAsync("any", ConsulQuery.None, None)).Value);
        Assert.Empty((await client.ListKeysAsync("x", ConsulQuery.None, None)).Value);
        Assert.Null((await client.GetKeyAsync("x", ConsulQuery.None, None)).Value);
        Assert.Empty(await client.GetAgentServicesAsync(None));
        Assert.Equal("", await client.GetLeaderAsync(None));
    }

    [Fact]
    public async Task Keys_WithAndWithoutValue_AreRead()
    {
        await using var consul = await FakeConsul.StartAsync(Fixture("kv.json"));
        using var client = consul.Client();

        var keys = (await client.ListKeysAsync("mesh/", ConsulQuery.None, None)).Value;

        Assert.Equal(["mesh/policy/global", "mesh/policy/empty"], keys.Select(key => key.Key));
        Assert.Equal("""{"schema":1}""", Encoding.UTF8.GetString(keys[0].Value.Span));
        Assert.Equal((100ul, 200ul, ulong.MaxValue), (keys[0].CreateIndex, keys[0].ModifyIndex, keys[0].Flags));
        Assert.True(keys[1].Value.IsEmpty);
    }

    [Fact]
    public async Task AgentServices_OfANewerConsul_AreRead()
    {
        await using var consul = await FakeConsul.StartAsync(Fixture("agent-services.json"));
        using var client = consul.Client();

        var (id, service) = Assert.Single(await client.GetAgentServicesAsync(None));

        Assert.Equal(("orders-1", "orders", 8080), (id, service.Service, service.Port));
    }

    [Fact]
    public async Task Services_WithNullTags_AreRead()
    {
        await using var consul = await FakeConsul.StartAsync("""{"consul":[],"orders":null,"web":["a","b"]}""");
        using var client = consul.Client();

        var services = (await client.GetServicesAsync(ConsulQuery.None, None)).Value;

        Assert.Empty(services["orders"]);
        Assert.Equal(["a", "b"], services["web"]);
    }

    [Fact]
    public async Task Strings_ThatRepeat_AreShared()
    {
        var twice = await HealthAsync(Fixture("health-service.new.json"));
        var again = await HealthAsync(Fixture("health-service.new.json"));

        Assert.Same(twice[0].Service.Tags[1], again[0].Service.Tags[1]);
        Assert.Same(twice[0].Service.Meta["version"], again[0].Service.Meta["version"]);
        Assert.Equal("café \"team\"", again[0].Service.Meta["owner"]);
    }

    [Fact]
    public async Task Fingerprint_IgnoresWordsOfChecksAndSeesEverythingElse()
    {
        var text = Fixture("health-service.new.json");
        var before = Fingerprint.Of(await HealthAsync(text));
        async Task<bool> Same(string from, string to)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            return Fingerprint.Of(await HealthAsync(text.Replace(from, to, StringComparison.Ordinal))) == before;
        }

        Assert.True(await Same("slow", "slower"));
        Assert.False(await Same("\"warning\"", "\"critical\""));
        Assert.False(await Same("\"ModifyIndex\": 44", "\"ModifyIndex\": 45"));
        Assert.False(await Same("\"Address\": \"10.1.0.4\"", "\"Address\": \"10.1.0.9\""));
        Assert.NotEqual(before, Fingerprint.Of(Array.Empty<ServiceHealth>()));
    }

    [Fact]
    public void Fingerprint_OfKeysAndServices_SeesChanges()
    {
        KvEntry Key(ulong index) => new("k", default, 1, index, 0);
        Assert.Equal(Fingerprint.Of([Key(1)]), Fingerprint.Of([Key(1)]));
        Assert.NotEqual(Fingerprint.Of([Key(1)]), Fingerprint.Of([Key(2)]));
        Dictionary<string, string[]> Services(params string[] tags) => new() { ["a"] = tags, ["b"] = [] };
        Assert.Equal(Fingerprint.Of(Services("x")), Fingerprint.Of(Services("x")));
        Assert.NotEqual(Fingerprint.Of(Services("x")), Fingerprint.Of(Services("y")));
    }

    [Fact]
    public async Task Health_OfTenThousandInstances_IsDecodedWhole()
    {
        var one = Fixture("health-service.new.json").Trim()[1..^1];
        var body = "[" + string.Join(',', Enumerable.Range(0, 10_000).Select(
            i => one.Replace("\"orders-1\"", $"\"orders-{i}\"", StringComparison.Ordinal))) + "]";

        var instances = await HealthAsync(body);

        Assert.Equal(10_000, instances.Select(instance => instance.Service.Id).Distinct().Count());
        Assert.All(instances, instance => Assert.Equal(2, instance.Checks.Count));
    }

    [Theory]
    [InlineData(0.0004, "1ms")]
    [InlineData(1, "1000ms")]
    [InlineData(300, "300000ms")]
    public void Durations_AreWrittenInMilliseconds(double seconds, string expected) =>
        Assert.Equal(expected, GoDuration.Format(TimeSpan.FromSeconds(seconds)));

    private static string Fixture(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", name));

    private static async Task<ServiceHealth[]> HealthAsync(string body)
    {
        await using var consul = await FakeConsul.StartAsync(body);
        using var client = consul.Client();
        return (await client.GetServiceHealthAsync("orders", ConsulQuery.None, None)).Value;
    }
}
