using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Hosting;

public sealed class MeshHealthCheckTests
{
    [Fact]
    public async Task Check_WithEverythingUpToDate_IsHealthyAndTellsAgesAndRevisions()
    {
        await using var provider = Provider(options =>
        {
            options.Discovery.UseConsul = false;
            options.Upstreams["orders"] = new MeshUpstreamOptions { Endpoints = { "127.0.0.1:1", "127.0.0.1:2" } };
        });

        var entry = await CheckAsync(provider);

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(["mesh", "ready"], entry.Tags.Order());
        Assert.Equal(2, entry.Data["upstream.orders.endpoints"]);
        Assert.Equal(0d, entry.Data["upstream.orders.age"]);
        Assert.Equal("default", entry.Data["upstream.orders.policy"]);
        Assert.Contains("policy.hash", entry.Data.Keys);
    }

    [Fact]
    public async Task Check_BeforeTheFirstAnswer_IsUnhealthyForABoundedTime()
    {
        using var dead = new FullListener();
        var time = new ManualTimeProvider();
        await using var provider = Provider(
            options =>
            {
                options.Consul.Address = $"127.0.0.1:{dead.Port}";
                options.Upstreams["Orders"] = new MeshUpstreamOptions();
            },
            time);

        var first = await CheckAsync(provider);
        time.Advance(MeshHealthCheck.AnswerPatience);
        var later = await CheckAsync(provider);

        Assert.Equal((HealthStatus.Unhealthy, "no answer yet about orders"), (first.Status, first.Description));
        Assert.Equal(HealthStatus.Degraded, later.Status);
        Assert.Contains("no answer yet about orders", later.Description);
    }

    [Fact]
    public async Task Check_AnAnswerWithoutEndpoints_IsAnAnswer()
    {
        using var dead = new FullListener();
        await using var provider = Provider(options =>
        {
            options.Consul.Address = $"127.0.0.1:{dead.Port}";
            options.Upstreams["orders"] = new MeshUpstreamOptions();
        });
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(provider)).Status);

        provider.GetRequiredService<MeshRuntime>().GetUpstream("orders")
            .ApplyEndpoints(new EndpointSnapshot([], EndpointSource.Consul, Known: true));

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(provider)).Status);
    }

    [Fact]
    public async Task Check_OnASnapshotAndWithoutConsul_IsDegradedWithTheReasons()
    {
        using var dead = new FullListener();
        var time = new ManualTimeProvider();
        await using var provider = Provider(options => options.Consul.Address = $"127.0.0.1:{dead.Port}", time);
        provider.GetRequiredService<MeshRuntime>().GetUpstream("orders").ApplyEndpoints(new EndpointSnapshot(
            [new EndpointInfo { Id = "a", Host = "127.0.0.1", Port = 1 }], EndpointSource.Snapshot, Known: true));
        var feed = provider.GetRequiredService<MeshFeeds>().Discovery!;
        await Eventually.BecomesAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return feed.LostFor >= MeshHealthCheck.StaleAfter;
            },
            () => $"Consul is said to be lost for {feed.LostFor}.");

        var entry = await CheckAsync(provider);

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("the endpoints of orders come from the snapshot of an earlier run", entry.Description);
        Assert.Contains("Consul has not answered for", entry.Description);
        Assert.True((double)entry.Data["consul.silent"] >= 30);
    }

    [Fact]
    public async Task Check_WithARefusedPolicy_IsDegradedAndSaysWhy()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-policy-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "policy"));
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "policy", "global.json"), """{ "schema": 1, "timeout": { "total": "soon" } }""");
            await using var provider = await GovernedAsync(folder, status => status.Refused.Any());

            var entry = await CheckAsync(provider);

            Assert.Equal(HealthStatus.Degraded, entry.Status);
            Assert.Contains("policy/global is refused (/timeout/total: ", entry.Description);
            Assert.Contains("nothing of it is in force", entry.Description);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Check_WithASwitchThrown_IsHealthyAndSaysWhoAndWhy()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-policy-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "switches", "services"));
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "switches", "services", "orders.json"),
                """{ "off": ["retry", "eject"], "by": "ana", "why": "INC-7" }""");
            await using var provider = await GovernedAsync(folder, status => status.SwitchesInForce.Count > 0);

            var entry = await CheckAsync(provider);

            Assert.Equal(HealthStatus.Healthy, entry.Status);
            Assert.Equal("retry, eject by ana: INC-7", entry.Data["switch.switches/services/orders"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Check_ASecurityDocumentThatWasNeverUnderstood_RefusesReadinessUntilOneIs()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-health-");
        try
        {
            var file = Path.Combine(folder.CreateSubdirectory("security").FullName, "global.json");
            await File.WriteAllTextAsync(file, """{ "schema": 1, "inbound": { "quantum": "on" } }""");
            await using var provider = await GovernedAsync(folder, status => status.Documents.Count > 0);

            var before = await CheckAsync(provider);
            await File.WriteAllTextAsync(file, """{ "schema": 1, "inbound": { "tls": "permissive" } }""");
            var time = (ManualTimeProvider)provider.GetRequiredService<TimeProvider>();
            var own = provider.GetRequiredService<OwnPolicy>();
            await Eventually.BecomesAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromMilliseconds(500));
                    return !own.IsUnknown;
                },
                () => "Still unknown.");

            Assert.Equal(HealthStatus.Unhealthy, before.Status);
            Assert.StartsWith(
                "security/global is refused (/inbound/quantum: There is no field \"quantum\" here.), nothing of it is in force; ",
                before.Description);
            Assert.Equal(HealthStatus.Healthy, (await CheckAsync(provider)).Status);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A process on the documents of a folder, once they have told what is waited for.</summary>
    private static async Task<ServiceProvider> GovernedAsync(DirectoryInfo folder, Func<PolicyStatus, bool> told)
    {
        var time = new ManualTimeProvider();
        var provider = Provider(
            options =>
            {
                options.Discovery.UseConsul = false;
                options.PolicyFolder = folder.FullName;
                options.Upstreams["orders"] = new MeshUpstreamOptions { Endpoints = { "127.0.0.1:1" } };
            },
            time);
        provider.GetRequiredService<MeshRuntime>().GetUpstream("orders");
        var feed = provider.GetRequiredService<MeshFeeds>().Policy;
        await Eventually.BecomesAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return told(feed.Status);
            },
            () => $"Known documents: {feed.Status.Documents.Count}.");
        return provider;
    }

    private static ServiceProvider Provider(Action<MeshOptions> configure, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time ?? new ManualTimeProvider());
        services.AddLogging();
        services.AddHealthChecks().AddMesh().AddMesh();
        services.AddMesh(options =>
        {
            options.Snapshot.Enabled = false;
            configure(options);
        });
        return services.BuildServiceProvider();
    }

    private static async Task<HealthReportEntry> CheckAsync(IServiceProvider provider)
    {
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(
            check => check.Tags.Contains("ready"));
        return Assert.Single(report.Entries, e => e.Key == "mesh").Value;
    }
}
