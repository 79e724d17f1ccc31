using System.Text;

namespace Mesh.Consul.Tests;

public sealed class AgentCallsTests(AgentFixture fixture) : IClassFixture<AgentFixture>
{
    private readonly ConsulClient _client = fixture.Client;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Register_Instance_IsFoundAsItWasRegistered()
    {
        await _client.RegisterServiceAsync(Registration("calls-a") with
        {
            Address = "10.9.8.7",
            Tags = ["blue", "http"],
            Meta = new Dictionary<string, string> { ["version"] = "2" },
            Weights = new ConsulWeights(7, 3),
        }, None);

        var answer = await _client.GetServiceHealthAsync("calls-a", ConsulQuery.None, None);

        Assert.True(answer.Index > 0);
        Assert.True(answer.KnownLeader);
        Assert.NotNull(answer.Date);
        var instance = Assert.Single(answer.Value);
        Assert.Equal(fixture.Agent.Datacenter, instance.Node.Datacenter);
        Assert.Equal(
            ("calls-a-1", "calls-a", "10.9.8.7", 8080),
            (instance.Service.Id, instance.Service.Service, instance.Service.Address, instance.Service.Port));
        Assert.Equal(["blue", "http"], instance.Service.Tags);
        Assert.Equal("2", instance.Service.Meta["version"]);
        Assert.Equal(new ConsulWeights(7, 3), instance.Service.Weights);
        Assert.True(instance.Service.ModifyIndex > 0);
        Assert.Contains(instance.Checks, c => c is { CheckId: "calls-a-ttl", Status: ConsulHealth.Passing });
        Assert.Contains(instance.Checks, c => c.CheckId == "serfHealth");
        var services = await _client.GetServicesAsync(ConsulQuery.None, None);
        Assert.Equal(["blue", "http"], services.Value["calls-a"].Order());
        Assert.Equal(8080, (await _client.GetAgentServicesAsync(None))["calls-a-1"].Port);
    }

    [Fact]
    public async Task Register_Again_ReplacesChecksAndKeepsTheStateOfThoseThatStay()
    {
        var registration = Registration("calls-b");
        var old = new CheckRegistration { CheckId = "calls-b-old", Name = "old", Ttl = TimeSpan.FromHours(1) };
        await _client.RegisterServiceAsync(registration with { Checks = [.. registration.Checks, old] }, None);
        await _client.UpdateCheckAsync("calls-b-ttl", ConsulHealth.Warning, "busy", None);

        await _client.RegisterServiceAsync(registration with { Port = 9090 }, None);

        var instance = Assert.Single((await _client.GetServiceHealthAsync("calls-b", ConsulQuery.None, None)).Value);
        Assert.Equal(9090, instance.Service.Port);
        var check = Assert.Single(instance.Checks, c => c.ServiceId == "calls-b-1");
        Assert.Equal(("calls-b-ttl", ConsulHealth.Warning, "busy"), (check.CheckId, check.Status, check.Output));
    }

    [Fact]
    public async Task Check_OfUnknownId_IsRefusedInConsulsWords()
    {
        var error = await Assert.ThrowsAsync<ConsulException>(
            () => _client.UpdateCheckAsync("no such", ConsulHealth.Passing, "", None));

        Assert.True((int?)error.StatusCode is 404 or 500);
        Assert.Contains("no such", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Updated_ShowsInHealthState()
    {
        await _client.RegisterServiceAsync(Registration("calls-c"), None);

        await _client.UpdateCheckAsync("calls-c-ttl", ConsulHealth.Critical, "broken pipe", None);

        var critical = (await _client.GetHealthStateAsync("critical", ConsulQuery.None, None)).Value;
        var check = Assert.Single(critical, c => c.CheckId == "calls-c-ttl");
        Assert.Equal(("calls-c", "calls-c-1", "broken pipe"), (check.ServiceName, check.ServiceId, check.Output));
    }

    [Fact]
    public async Task HttpCheck_Registered_IsAccepted()
    {
        await _client.RegisterServiceAsync(Registration("calls-d") with
        {
            Checks =
            [
                new CheckRegistration
                {
                    CheckId = "calls-d-http",
                    Name = "probe",
                    Http = "http://127.0.0.1:1/healthz",
                    Interval = TimeSpan.FromMinutes(10),
                    Timeout = TimeSpan.FromMilliseconds(500),
                    DeregisterCriticalServiceAfter = TimeSpan.FromMinutes(90),
                },
            ],
        }, None);

        var instance = Assert.Single((await _client.GetServiceHealthAsync("calls-d", ConsulQuery.None, None)).Value);
        Assert.Contains(instance.Checks, c => c is { CheckId: "calls-d-http", Status: ConsulHealth.Critical });
    }

    [Fact]
    public async Task Maintenance_OnAndOff_ShowsAsACheck()
    {
        await _client.RegisterServiceAsync(Registration("calls-e"), None);

        await _client.SetMaintenanceAsync("calls-e-1", true, "moving & cleaning", None);
        var during = Assert.Single((await _client.GetServiceHealthAsync("calls-e", ConsulQuery.None, None)).Value);
        await _client.SetMaintenanceAsync("calls-e-1", false, "", None);
        var after = Assert.Single((await _client.GetServiceHealthAsync("calls-e", ConsulQuery.None, None)).Value);

        Assert.Contains(during.Checks, c => c.CheckId == ConsulCheck.ServiceMaintenancePrefix + "calls-e-1");
        Assert.DoesNotContain(
            after.Checks, c => c.CheckId.StartsWith(ConsulCheck.ServiceMaintenancePrefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deregister_Twice_IsHarmless()
    {
        await _client.RegisterServiceAsync(Registration("calls-f"), None);

        await _client.DeregisterServiceAsync("calls-f-1", None);
        await _client.DeregisterServiceAsync("calls-f-1", None);

        Assert.Empty((await _client.GetServiceHealthAsync("calls-f", ConsulQuery.None, None)).Value);
        Assert.DoesNotContain("calls-f-1", await _client.GetAgentServicesAsync(None));
    }

    [Fact]
    public async Task Keys_WrittenReadAndDeleted_RoundTrip()
    {
        var bytes = Encoding.UTF8.GetBytes("{\"ü\":1}\0");
        Assert.True(await _client.PutKeyAsync("keys/a b/ü?&#%2F+", bytes, null, None));
        Assert.True(await _client.PutKeyAsync("keys/empty", default, null, None));

        var list = await _client.ListKeysAsync("keys/", ConsulQuery.None, None);
        Assert.Equal(["keys/a b/ü?&#%2F+", "keys/empty"], list.Value.Select(e => e.Key));
        Assert.Equal(bytes, list.Value[0].Value.ToArray());
        var one = await _client.GetKeyAsync("keys/empty", ConsulQuery.None, None);
        Assert.Equal((false, true), (one.NotFound, one.Value!.Value.IsEmpty));
        Assert.Equal(list.Value[1].ModifyIndex, one.Value.ModifyIndex);

        Assert.True(await _client.DeleteKeyAsync("keys/", recurse: true, null, None));
        var gone = await _client.ListKeysAsync("keys/", ConsulQuery.None, None);
        Assert.Equal((true, true), (gone.NotFound, gone.Index > list.Index));
        Assert.Null((await _client.GetKeyAsync("keys/empty", ConsulQuery.None, None)).Value);
    }

    [Fact]
    public async Task CheckAndSet_OfAnOldIndex_ChangesNothing()
    {
        Assert.True(await _client.PutKeyAsync("cas/x", "1"u8.ToArray(), 0, None));
        Assert.False(await _client.PutKeyAsync("cas/x", "2"u8.ToArray(), 0, None));
        var index = (await _client.GetKeyAsync("cas/x", ConsulQuery.None, None)).Value!.ModifyIndex;
        Assert.True(await _client.PutKeyAsync("cas/x", "3"u8.ToArray(), index, None));

        Assert.False(await _client.DeleteKeyAsync("cas/x", false, index, None));
        var entry = (await _client.GetKeyAsync("cas/x", ConsulQuery.None, None)).Value!;
        Assert.Equal("3", Encoding.UTF8.GetString(entry.Value.Span));
        Assert.True(await _client.DeleteKeyAsync("cas/x", false, entry.ModifyIndex, None));
        Assert.Throws<ArgumentException>(() => { _ = _client.DeleteKeyAsync("cas/", true, 1, None); });
    }

    [Fact]
    public async Task Names_AreListedWithoutValues_AndFlagsAreKept()
    {
        Assert.Empty((await _client.ListKeyNamesAsync("named/", ConsulQuery.None, None)).Value);
        Assert.True(await _client.PutKeyAsync("named/a/b", "1"u8.ToArray(), 0, 42, None));
        Assert.True(await _client.PutKeyAsync("named/c", "2"u8.ToArray(), null, null, None));

        Assert.Equal(["named/a/b", "named/c"], (await _client.ListKeyNamesAsync("named/", ConsulQuery.None, None)).Value);
        Assert.Equal(42u, (await _client.GetKeyAsync("named/a/b", ConsulQuery.None, None)).Value!.Flags);
    }

    [Fact]
    public async Task WithToken_SendsThatTokenAlone_AndLeavesTheConnectionsToTheClient()
    {
        using (var other = _client.WithToken("no-such-token"))
        {
            Assert.Equal(_client.Address, other.Address);
            await other.GetKeyAsync("named/x", ConsulQuery.None, None);
        }

        await _client.GetKeyAsync("named/x", ConsulQuery.None, None);
        Assert.Throws<ArgumentException>(() => _client.WithToken("two words"));
    }

    [Fact]
    public async Task Transaction_WithOneStepRefused_ChangesNothingAndSaysWhy()
    {
        Assert.Empty(await _client.TransactAsync(
            [new(KvVerb.Set, "txn/a", "1"u8.ToArray()), new(KvVerb.CheckAndSet, "txn/b", "1"u8.ToArray(), 0)], None));
        var index = (await _client.GetKeyAsync("txn/a", ConsulQuery.None, None)).Value!.ModifyIndex;

        var reasons = await _client.TransactAsync(
            [new(KvVerb.Delete, "txn/a"), new(KvVerb.CheckAndSet, "txn/b", "2"u8.ToArray(), 0)], None);
        Assert.StartsWith("txn/b: ", Assert.Single(reasons), StringComparison.Ordinal);
        Assert.NotNull((await _client.GetKeyAsync("txn/a", ConsulQuery.None, None)).Value);

        KvOperation[] steps =
        [
            new(KvVerb.CheckIndex, "txn/a", default, index), new(KvVerb.DeleteCheckAndSet, "txn/a", default, index),
        ];
        Assert.Empty(await _client.TransactAsync(steps, None));
        Assert.Null((await _client.GetKeyAsync("txn/a", ConsulQuery.None, None)).Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = _client.TransactAsync([], None); });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = _client.TransactAsync([.. Enumerable.Repeat(new KvOperation(KvVerb.Delete, "x"), 65)], None);
        });
    }

    [Fact]
    public async Task Leader_IsKnown() =>
        Assert.Equal($"127.0.0.1:{fixture.Agent.Ports.Server}", await _client.GetLeaderAsync(None));

    [Fact]
    public async Task Datacenter_Unknown_IsAnErrorNotAnEmptyAnswer()
    {
        var error = await Assert.ThrowsAsync<ConsulException>(
            () => _client.GetServiceHealthAsync("x", new ConsulQuery { Datacenter = "mars" }, None));

        Assert.Contains("datacenter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BlockingRead_WithoutChange_AnswersAfterItsWait()
    {
        var before = await _client.ListKeysAsync("quiet/x", ConsulQuery.None, None);
        var started = TimeProvider.System.GetTimestamp();

        var after = await _client.GetServiceHealthAsync(
            "quiet", new ConsulQuery { Index = before.Index + 1000, Wait = TimeSpan.FromMilliseconds(500) }, None);

        Assert.Empty(after.Value);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, 490, 10_000);
    }

    private static ServiceRegistration Registration(string name) => new()
    {
        Id = name + "-1",
        Name = name,
        Port = 8080,
        Checks =
        [
            new CheckRegistration
            {
                CheckId = name + "-ttl",
                Name = "heartbeat",
                Ttl = TimeSpan.FromMinutes(10),
                InitialStatus = ConsulHealth.Passing,
            },
        ],
    };
}
