using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Security;

/// <summary>Certificates and roots change under load: new connections only, and nothing fails.</summary>
public sealed class RotationTests(ITestOutputHelper output)
{
    private const int Callees = 3;

    /// <summary>The least that may be configured, so that a rotation takes seconds.</summary>
    private static readonly TimeSpan RenewWithin = TimeSpan.FromSeconds(10);

    /// <summary>Files are read again within seconds.</summary>
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public Task Rotation_OfLeafThenRoot_BreaksNoCallAndLeavesNoOldConnection() =>
        Scenario.RunAsync(output, async scenario =>
    {
        using var before = new TestAuthority();
        using var after = new TestAuthority();
        var files = new IdentityFiles(scenario.Folder, "caller", [.. Enumerable.Repeat("greeter", Callees)]);
        files.Write(before, before);

        // So that each of them is called, and has its connection, between one step and the next.
        await scenario.Operator.PutRoundRobinAsync("greeter");
        var ports = new HashSet<int>();
        for (var i = 0; i < Callees; i++)
        {
            var callee = await scenario.StartProcessAsync(Scenario.Callee, $"c{i}", settings: files.Settings(i));
            await scenario.RegisteredAsync("greeter", $"c{i}");
            ports.Add(callee.Address.Port);
        }

        var caller = await scenario.StartCallerAsync(options =>
        {
            files.Configure(options);
            options.Connections.RenewWithin = RenewWithin;
            options.UnknownServices = UnknownServices.Fail;
        });
        var load = scenario.StartHelloLoad(caller);
        await Eventually.TrueAsync(() => Open(ports).Count >= Callees, "connections to every callee");
        await Task.Delay(TimeSpan.FromSeconds(3));
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var opened = Opened(caller);

        // A new leaf; the new root beside the old one; leaves of the new root; the old root gone.
        var steps = new List<Action>
        {
            () => files.Write(before, before),
            () => files.Write(before, before, after),
            () => files.Write(after, before, after),
            () => files.Write(after, after),
        };
        var took = new List<double>();
        foreach (var step in steps)
        {
            var old = Open(ports);
            Assert.NotEmpty(old);
            step();
            var gone = await Eventually.TrueAsync(
                () => !Open(ports).Overlaps(old), "every old connection to be gone", RenewWithin + NoticedWithin);
            took.Add(gone.TotalSeconds);

            // As an operator would: nobody takes the next step before all have taken this one.
            await Eventually.TrueAsync(
                async () => (await Task.WhenAll(ports.Select(PresentedAsync))).ToHashSet().SetEquals(files.Leaves),
                "every callee to show its new leaf",
                NoticedWithin);
        }

        await Task.Delay(TimeSpan.FromSeconds(2));
        await load.StopAsync();
        var handshakes = Opened(caller) - opened;
        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        scenario.Figure("rotations", steps.Count);
        scenario.Figure("handshakes", handshakes);
        scenario.Figure("slowestRotationSeconds", took.Max());
        scenario.Figure("grownKiB", grown / 1024.0);
        Assert.Empty(load.Failed);
        Assert.True(load.Calls.Count > 1000, $"only {load.Calls.Count} calls");
        Assert.Equal(0, caller.Count(MeshTelemetry.ConnectionsOpened, "none"));

        // Once for each endpoint and rotation; processes notice their files at different times, so some find a peer
        // twice.
        Assert.InRange(handshakes, Callees * steps.Count, Callees * steps.Count * 2);
        Assert.True(grown < 8 * 1024 * 1024, $"{grown} bytes more");
    });

    private static long Opened(MeshCaller caller) => caller.Count(MeshTelemetry.ConnectionsOpened, "mutual");

    /// <summary>The certificate that a process shows to a stranger.</summary>
    private static async Task<string> PresentedAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var thumbprint = "";
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            thumbprint = ((X509Certificate2)certificate!).Thumbprint;
            return true;
        });
        await stream.AuthenticateAsClientAsync("greeter");
        return thumbprint;
    }

    /// <summary>The connections to these ports, by the port they come from.</summary>
    private static HashSet<int> Open(HashSet<int> ports) =>
    [
        .. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Where(c => c.State == TcpState.Established && ports.Contains(c.RemoteEndPoint.Port))
            .Select(c => c.LocalEndPoint.Port),
    ];
}
