using System.Text.Json;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Tests.Policies;

/// <summary>What is about this process itself, from every source that may bring it.</summary>
public sealed class OwnPolicyDeliveryTests
{
    private const string Strict = """{ "schema": 1, "inbound": { "tls": "strict" } }""";
    private const string Newer = """{ "schema": 1, "inbound": { "tls": "strict", "quantum": "on" } }""";
    private const string Stale = """, { "key": "policy/global", "datacenter": "dc1", "modifyIndex": 5, "body": "{ \"schema\": 1 }" }""";
    private const string Key = "security/services/web";

    private static readonly PolicyKey Web = PolicyKey.SecurityOf("web");

    [Fact]
    public async Task Kv_OfAProcessThatCallsNobody_WrittenSpoiltAndDeleted()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.PutAsync("security/global", """{ "schema": 1, "inbound": { "intentions": "enforce" } }""");
        await bench.PutAsync("security/services/orders", Strict);
        await bench.PutAsync(Key, Newer);

        bench.Policies.Start();
        await bench.Policies.Own.FirstWord.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((InboundTls.Permissive, RuleMode.Enforce), Door(bench));
        Assert.True(bench.Policies.Own.IsUnknown);

        await bench.PutAsync(Key, Strict);
        await BecomesAsync(bench, InboundTls.Strict);
        Assert.False(bench.Policies.Own.IsUnknown);
        await bench.PutAsync(Key, Newer);
        await Eventually.BecomesAsync(() => bench.Policies.Status.Refused.Any(), () => "Not refused.");
        Assert.Equal((InboundTls.Strict, RuleMode.Enforce), Door(bench));

        await bench.DeleteAsync(Key);
        await BecomesAsync(bench, InboundTls.Permissive);
        Assert.Equal(["security/global"], bench.Policies.Status.Documents.Select(d => d.Key.ToString()));
    }

    [Fact]
    public async Task Kv_ThatTheTokenMayNotRead_IsNoEmptyKv()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync("""key_prefix "mesh/policy/" { policy = "list" }""");
        await using var bench = new FeedBench(agent, o => o.Consul.Token = token);
        await bench.PutAsync(Key, Strict);
        await bench.PutAsync("policy/services/web", """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""");

        bench.Policies.Start();

        await Eventually.BecomesAsync(() => bench.Policies.Own.Inbound.Concurrency is not null, () => "Nothing came.");
        Assert.Equal(["security/global", Key], bench.Policies.Status.Hidden.Select(k => k.ToString()));
        Assert.Contains("security/global, security/services/web (reason acl)", Assert.Single(bench.Logs.Of(2016)));
        Assert.Equal(1, bench.Meters.Count("mesh.policy.updates", ("mesh.result", "acl")));
    }

    [Fact]
    public async Task Desk_IsAskedAboutThisProcess_AndItsWordOfADeletionIsBelieved()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(FakeDesk.Document(Web, 5, Strict));
        await using var bench = Alone(desk);

        bench.Policies.Start();
        await BecomesAsync(bench, InboundTls.Strict);
        Assert.Equal("?services=web&caller=web", desk.Streams.Single().Query);

        desk.Change(FakeDesk.Document(Web, 6, Newer));
        await Eventually.BecomesAsync(() => bench.Policies.Status.Refused.Any(), () => "Not refused.");
        Assert.Equal(InboundTls.Strict, Door(bench).Tls);
        desk.Remove(Web);
        await BecomesAsync(bench, InboundTls.Permissive);
    }

    [Fact]
    public async Task Desk_ThatDoesNotListWhatTheSnapshotSays_OpensNoDoor()
    {
        await using var desk = await FakeDesk.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mesh-own-").FullName;
        try
        {
            // Far too old for everything else.
            await WriteSnapshotAsync(folder, DateTimeOffset.UtcNow.AddDays(-30));
            await using var bench = Alone(desk, folder);
            bench.Policies.Start();
            Assert.True(bench.Policies.Own.FirstWord.IsCompleted);
            Assert.Equal(InboundTls.Strict, Door(bench).Tls);
            Assert.Equal([Key], bench.Policies.Status.Documents.Select(d => d.Key.ToString()));

            await Eventually.BecomesAsync(() => bench.Policies.Status.Source == PolicySource.Desk, () => "No desk.");
            await Eventually.BecomesAsync(() => bench.Policies.Status.Orphaned.Count == 1, () => "Not orphaned.");
            Assert.Equal(InboundTls.Strict, Door(bench).Tls);

            desk.Change(FakeDesk.Document(Web, 9, """{ "schema": 1, "inbound": { "tls": "off" } }"""));
            await BecomesAsync(bench, InboundTls.Off);
            Assert.Empty(bench.Policies.Status.Orphaned);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Snapshot_OfWhatConsulSaysIsGone_Goes()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await FakeDesk.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mesh-own-").FullName;
        try
        {
            await WriteSnapshotAsync(folder, DateTimeOffset.UtcNow);
            await using var bench = new FeedBench(agent, o => o.ConfigServer = desk.Address, snapshotFolder: folder);

            bench.Policies.Start();
            Assert.Equal(InboundTls.Strict, Door(bench).Tls);

            await BecomesAsync(bench, InboundTls.Permissive);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Folder_EmptiedAllAtOnce_OpensNoDoor()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-own-").FullName;
        try
        {
            await WriteAsync(folder, Key, Strict);
            await WriteAsync(folder, "policy/global", """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""");
            await using var bench = new FeedBench(
                null, o => (o.PolicyFolder, o.Discovery.UseConsul) = (folder, false), clock: new ManualTimeProvider());
            bench.Policies.Start();
            await PassUntilAsync(bench, () => Door(bench).Tls == InboundTls.Strict && bench.Policies.Own.Inbound.Concurrency is not null);

            Directory.Delete(Path.Combine(folder, "policy"), recursive: true);
            Directory.Delete(Path.Combine(folder, "security"), recursive: true);
            await PassUntilAsync(bench, () => bench.Policies.Own.Inbound.Concurrency is null);
            Assert.Equal(InboundTls.Strict, Door(bench).Tls);
            Assert.Equal([Web], bench.Policies.Status.Orphaned);

            await WriteAsync(folder, "policy/global", """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""");
            await PassUntilAsync(bench, () => Door(bench).Tls == InboundTls.Permissive);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task NoSource_AtAll_IsAFirstWordToo()
    {
        await using var bench = new FeedBench(null, o => o.Discovery.UseConsul = false);

        bench.Policies.Start();

        Assert.True(bench.Policies.Own.FirstWord.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Host_Started_StandsAtItsDoorWithWhatIsInForce()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(FakeDesk.Document(Web, 5, Strict));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMesh(o =>
        {
            (o.Service, o.ConfigServer, o.Discovery.UseConsul, o.Snapshot.Enabled) = ("web", desk.Address, false, false);
            o.Discovery.FirstAnswerTimeout = TimeSpan.FromSeconds(10);
        });
        using var host = builder.Build();

        await host.StartAsync();

        Assert.Equal(InboundTls.Strict, host.Services.GetRequiredService<OwnPolicy>().Security.InboundTls);
        await host.StopAsync();
    }

    private static (InboundTls Tls, RuleMode Intentions) Door(FeedBench bench) =>
        (bench.Policies.Own.Security.InboundTls, bench.Policies.Own.Security.Intentions);

    private static Task BecomesAsync(FeedBench bench, InboundTls tls) => Eventually.BecomesAsync(
        () => Door(bench).Tls == tls, () => $"{Door(bench)}, not {tls}; {bench.Policies.Status}");

    private static Task PassUntilAsync(FeedBench bench, Func<bool> condition) => Eventually.BecomesAsync(
        () =>
        {
            bench.Clock!.Advance(TimeSpan.FromMilliseconds(500));
            return condition();
        },
        () => $"{Door(bench)}; {bench.Policies.Status}");

    private static FeedBench Alone(FakeDesk desk, string? folder = null) => new(
        null, o => (o.ConfigServer, o.Discovery.UseConsul) = (desk.Address, false), snapshotFolder: folder);

    private static async Task WriteAsync(string folder, string key, string body)
    {
        var file = Path.Combine(folder, key.Replace('/', Path.DirectorySeparatorChar) + ".json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, body);
    }

    private static Task WriteSnapshotAsync(string folder, DateTimeOffset confirmedAt)
    {
        var self = new MeshSelf("mesh", "web", "web-1", "1", null);
        var json = $$"""
            {
              "schema": 1, "mesh": "mesh", "service": "web", "writtenAt": "{{confirmedAt:O}}", "services": {},
              "policy": {
                "confirmedAt": "{{confirmedAt:O}}",
                "documents": [
                  { "key": "{{Key}}", "datacenter": "dc1", "modifyIndex": 5, "body": {{JsonSerializer.Serialize(Strict)}} }
                  {{(DateTimeOffset.UtcNow - confirmedAt > TimeSpan.FromDays(1) ? Stale : "")}}
                ]
              }
            }
            """;
        return File.WriteAllTextAsync(SnapshotFile.PathFor(folder, self, "here")!, json);
    }
}
