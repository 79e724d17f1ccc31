using Mesh.Client.Security;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Security;

public sealed class DevelopmentIdentityTests : IDisposable
{
    private readonly string _folder = Path.Combine(
        Directory.CreateTempSubdirectory("mesh-development-").FullName, "mesh");
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public async Task Processes_ThatStartTogether_ShareOneRoot_AndTrustEachOther()
    {
        using var web = Start("web");
        using var orders = Start("orders");
        using var cart = Start("cart");
        await Task.WhenAll(web.Keeper.FirstAnswer, orders.Keeper.FirstAnswer, cart.Keeper.FirstAnswer);

        var verifier = new PeerVerifier(_time);
        foreach (var (peer, name) in new[] { (orders, "orders"), (cart, "cart") })
        {
            var verdict = verifier.Verify(
                peer.Keeper.Current!.Certificate.TargetCertificate, [], web.Keeper.Current!);
            Assert.Equal($"spiffe://shop.development/ns/default/dc/home/svc/{name}", verdict.Id?.ToString());
        }

        Assert.Single(Directory.GetFiles(_folder));
        Assert.Contains("DEVELOPMENT ONLY", Assert.Single(web.Logs.Of(9020)), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(_folder)[0]));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(_folder));
        }
    }

    [Fact]
    public async Task Leaf_IsRenewedInTime_AndAReplacedRootIsTakenUp()
    {
        using var bench = Start("web");
        await bench.Keeper.FirstAnswer;
        var first = bench.Keeper.Current!;

        await bench.PassAsync(
            _time, TimeSpan.FromHours(1), () => bench.Keeper.Current!.Certificate != first.Certificate);
        Assert.InRange((_time.GetUtcNow() - first.NotBefore) / (first.NotAfter - first.NotBefore), 0.6, 0.95);

        var root = bench.Keeper.Current!.Roots.Values.Single().Single().Thumbprint;
        File.Delete(Directory.GetFiles(_folder).Single());
        await bench.PassAsync(
            _time, TimeSpan.FromSeconds(5),
            () => bench.Keeper.Current!.Roots.Values.Single().Single().Thumbprint != root);
        Assert.Null(bench.Keeper.Status.Reason);
    }

    [Fact]
    public async Task ARootThatOthersMayRead_IsNotUsed()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // Files have no such mode there.
        }

        using (var first = Start("web"))
        {
            await first.Keeper.FirstAnswer;
        }

        var file = Directory.GetFiles(_folder).Single();
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.GroupRead);
        using var bench = Start("web");
        await bench.Keeper.FirstAnswer;

        Assert.Null(bench.Keeper.Current);
        Assert.Contains("delete it", Assert.Single(bench.Logs.Of(9011)), StringComparison.Ordinal);
        File.Delete(file);
        await bench.PassAsync(_time, TimeSpan.FromSeconds(5), () => bench.Keeper.Current is not null);
    }

    [Fact]
    public async Task WhileConsulDoesNotTellTheDatacenter_ThereIsNoIdentity_AndThenThereIs()
    {
        var asked = 0;
        using var bench = Start("web", _ => Interlocked.Increment(ref asked) switch
        {
            1 => throw new ConsulException("not there"),
            2 => Task.FromResult(""),
            _ => Task.FromResult("dc7"),
        });

        await bench.Keeper.FirstAnswer;
        Assert.Null(bench.Keeper.Current);
        await bench.PassAsync(_time, TimeSpan.FromSeconds(5), () => bench.Keeper.Current is not null);
        Assert.Equal("dc7", new IdentityPaths().DatacenterOf(bench.Keeper.Current!.Id));
    }

    private KeeperBench Start(string service, Func<CancellationToken, Task<string>>? datacenter = null) => new(
        logger => new DevelopmentIdentitySource(
            _folder, "Shop", service, datacenter ?? (_ => Task.FromResult("home")), new IdentityPaths(), _time,
            new SeededRandom(5), logger),
        _time);
}
