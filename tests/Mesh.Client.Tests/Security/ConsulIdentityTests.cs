using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Security;

/// <summary>The identity that a real agent gives.</summary>
public sealed class ConsulIdentityTests
{
    [Fact]
    public async Task Root_Rotated_BothAreTrusted_AndTheLeafIsIssuedAnew()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true });
        using var consul = ClientOf(agent);
        using var web = BenchOf(consul, "web");
        using var orders = BenchOf(consul, "orders");
        await web.Keeper.FirstAnswer;
        await orders.Keeper.FirstAnswer;
        var first = web.Keeper.Current;
        Assert.True(first is not null, web.Said);

        Assert.Equal("web", new IdentityPaths().ServiceOf(first.Id));
        Assert.Equal("dc1", new IdentityPaths().DatacenterOf(first.Id));
        Assert.InRange(first.NotAfter - first.NotBefore, TimeSpan.FromHours(72), TimeSpan.FromHours(73));
        Assert.Single(first.Roots[first.TrustDomain]);
        Assert.Equal("orders", ServiceOf(Verify(LeafOf(orders), first)));
        var old = LeafOf(orders);

        await agent.RotateRootAsync();

        await web.BecomesAsync(
            () => RootsOf(web) == 2 && LeafOf(web).Thumbprint != first.Certificate.TargetCertificate.Thumbprint);
        await orders.BecomesAsync(() => RootsOf(orders) == 2 && LeafOf(orders).Thumbprint != old.Thumbprint);

        // Old and new leaves are accepted by who knows both roots; the new one by who knows only the old root, too.
        Assert.Equal("orders", ServiceOf(Verify(old, web.Keeper.Current!)));
        Assert.Equal("orders", ServiceOf(Verify(LeafOf(orders), web.Keeper.Current!)));
        Assert.Equal("orders", ServiceOf(Verify(LeafOf(orders), first, IntermediatesOf(orders))));
        Assert.True(web.Changes >= 2);
        Assert.Single(web.Logs.Of(9000));
        Assert.NotEmpty(web.Logs.Of(9001));
        Assert.True(web.Meters.Count(MeshTelemetry.IdentityUpdates, (MeshTelemetry.SourceTag, "consul")) >= 2);
        Assert.DoesNotContain(web.Logs.Entries, e => e.Level >= LogLevel.Warning);
        using var key = LeafOf(web).GetECDsaPrivateKey()!;
        var secret = key.ExportECPrivateKeyPem().Split('\n')[1];
        Assert.DoesNotContain(
            secret, $"{web.Said} {web.Keeper.Status} {web.Keeper.Current} {web.Keeper.Current!.Id}",
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAgentThatIsDown_IsAskedOn_AndThenGivesAnIdentity()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true });
        using var consul = ClientOf(agent);
        await agent.KillAsync();
        using var bench = BenchOf(consul, "web", isExpected: false);

        await bench.Keeper.FirstAnswer;
        Assert.Null(bench.Keeper.Current);
        Assert.Equal(MeshReasons.RegistryLost, bench.Keeper.Status.Reason);
        Assert.Empty(bench.Logs.Entries);

        await agent.RestartAsync();
        await bench.BecomesAsync(() => bench.Keeper.Current is not null);

        // Another cluster in its place: nothing of the first is left, its roots least of all.
        var first = bench.Keeper.Current!;
        await agent.RestartAsync();
        await bench.BecomesAsync(() => bench.Keeper.Current!.TrustDomain != first.TrustDomain);
        Assert.Equal(MeshReasons.PeerUnknownTrustDomain, Verify(LeafOf(bench), first).Reason);
        Assert.Equal([bench.Keeper.Current!.TrustDomain], bench.Keeper.Current.Roots.Keys);
    }

    [Theory]
    [InlineData(false, LogLevel.Information)]
    [InlineData(true, LogLevel.Warning)]
    public async Task AnAgentWithoutAnAuthority_MeansNoIdentity_SaidOnce(bool isExpected, LogLevel level)
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var consul = ClientOf(agent);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        using var bench = BenchOf(consul, "web", isExpected, time);

        await bench.Keeper.FirstAnswer;
        await bench.PassAsync(time, TimeSpan.FromSeconds(30), () => bench.Meters.Count(
            MeshTelemetry.IdentityFailures, (MeshTelemetry.ReasonTag, MeshReasons.ConnectDisabled)) >= 3);

        Assert.Null(bench.Keeper.Current);
        var line = Assert.Single(bench.Logs.Entries, e => e.Event.Id is 9010 or 9011);
        Assert.Equal((level, MeshReasons.ConnectDisabled), (line.Level, line["Reason"]));
        Assert.Equal(isExpected, bench.Keeper.Status.IsExpected);
    }

    [Fact]
    public async Task ATokenWithoutTheRight_MeansNoIdentity_UntilItHasIt()
    {
        const string Reads = """service_prefix "" { policy = "read" }""";
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true, AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync(Reads);
        using var consul = ClientOf(agent, token);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        using var bench = BenchOf(consul, "web", isExpected: false, time);

        await bench.Keeper.FirstAnswer;
        Assert.Null(bench.Keeper.Current);
        var line = Assert.Single(bench.Logs.Entries);
        Assert.Equal((LogLevel.Information, MeshReasons.Acl), (line.Level, line["Reason"]));
        Assert.Contains("""service "web" { policy = "write" }""", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, bench.Said, StringComparison.Ordinal);

        await agent.UpdateTokenAsync(token, Reads + """ service "web" { policy = "write" }""");
        await bench.PassAsync(time, TimeSpan.FromSeconds(5), () => bench.Keeper.Current is not null);
        Assert.Null(bench.Keeper.Status.Reason);
    }

    [Fact]
    public async Task ATokenThatLosesTheRight_LeavesTheLastIdentityInForce()
    {
        const string May = """service "web" { policy = "write" }""";
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true, AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync(May);
        using var consul = ClientOf(agent, token);
        using var bench = BenchOf(consul, "web");
        await bench.Keeper.FirstAnswer;
        var before = bench.Keeper.Current;
        Assert.NotNull(before);

        await agent.DeleteTokenAsync(token);
        await agent.RotateRootAsync();

        await bench.BecomesAsync(() => bench.Logs.Of(9012).Length > 0);
        Assert.Same(before.Certificate, bench.Keeper.Current!.Certificate);
        Assert.Equal(MeshReasons.Acl, bench.Keeper.Status.Reason);
        Assert.DoesNotContain(token, bench.Said, StringComparison.Ordinal);
    }

    private static ConsulClient ClientOf(ConsulAgent agent, string? token = null) =>
        new(new ConsulClientOptions { Address = agent.Address.ToString(), Token = token ?? agent.ManagementToken });

    private static KeeperBench BenchOf(
        ConsulClient consul, string service, bool isExpected = true, TimeProvider? time = null) =>
        new(
            _ => new ConsulIdentitySource(consul, service, time ?? TimeProvider.System, new SeededRandom(7)),
            time ?? TimeProvider.System,
            isExpected)
        {
            Timers = null,
        };

    private static X509Certificate2 LeafOf(KeeperBench bench) => bench.Keeper.Current!.Certificate.TargetCertificate;

    private static X509Certificate2Collection IntermediatesOf(KeeperBench bench) =>
        [.. bench.Keeper.Current!.Certificate.IntermediateCertificates];

    private static int RootsOf(KeeperBench bench) => bench.Keeper.Current!.Roots.Values.Single().Count;

    private static PeerVerdict Verify(
        X509Certificate2 leaf, MeshIdentity identity, X509Certificate2Collection? presented = null) =>
        new PeerVerifier(TimeProvider.System).Verify(leaf, presented ?? [], identity);

    private static string? ServiceOf(PeerVerdict verdict) =>
        verdict.IsAccepted ? new IdentityPaths().ServiceOf(verdict.Id) : verdict.Reason;
}
