using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Transport;

/// <summary>A certificate changes while calls run, on real sockets.</summary>
public sealed class RenewedConnectionTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SecureMesh _mesh = new(o => o.Connections.RenewWithin = TimeSpan.FromMilliseconds(200));
    private MeshMember _member = null!;

    public async Task InitializeAsync()
    {
        _member = await MeshMember.StartAsync(_mesh.Authority.Issue("orders"));
        _member.Answer = async context =>
        {
            await context.Response.Body.FlushAsync();
            if (context.Request.Path == "/long")
            {
                await _finish.Task;
            }

            await context.Response.WriteAsync("done");
        };
        _mesh.WithIdentity().With(SecureMesh.Endpoint("a", _member.Port));
    }

    public async Task DisposeAsync()
    {
        _finish.TrySetResult();
        _mesh.Dispose();
        await _member.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NewIdentity_CallRunsOn_ItEndsWellAndItsConnectionCloses(bool http2)
    {
        using var invoker = _mesh.Mesh.Invoker();
        using var running = await invoker.SendAsync(Request("/long", http2), CancellationToken.None);

        var old = _mesh.Upstream.Endpoints[0].Transport;
        _mesh.WithIdentity();
        await Eventually.BecomesAsync(
            () =>
            {
                var isNew = _mesh.Upstream.Endpoints[0].Transport != old;
                return CallersAfterACall(invoker, http2).Contains(Ours) && isNew;
            },
            () => "No connection shows the new certificate.");

        var endpoint = _mesh.Upstream.Endpoints[0];
        Assert.True(endpoint.OldConnections > 0, "The call that runs on has lost its connection.");
        _finish.SetResult();
        Assert.Equal("done", await running.Content.ReadAsStringAsync());

        // How many the new ones are is the platform's choice; the server has no others.
        await Eventually.TrueAsync(
            () => endpoint.OldConnections == 0 && _member.Open == endpoint.Connections, "the old connection to close");
    }

    [Fact]
    public async Task NewRoots_PeerOfTheOldOne_IsRefusedOnNewConnectionsOnly()
    {
        using var invoker = _mesh.Mesh.Invoker();
        using var running = await invoker.SendAsync(Request("/long", http2: true), CancellationToken.None);
        using var other = new TestAuthority();

        _mesh.WithIdentity(_mesh.Issue(authority: other));
        await Eventually.BecomesAsync(
            () => Failure(invoker) == MeshFailureReason.UnprovenPeer,
            () => "The peer of a root that is gone is still accepted.");

        _finish.SetResult();
        Assert.Equal("done", await running.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Abort_CallRunsOn_IsBroken()
    {
        using var invoker = _mesh.Mesh.Invoker();
        using var running = await invoker.SendAsync(Request("/long", http2: true), CancellationToken.None);
        var transport = _mesh.Upstream.Endpoints[0].Transport;
        Assert.Equal(1, transport.Connections);

        transport.Abort();

        await Assert.ThrowsAnyAsync<Exception>(() => running.Content.ReadAsStringAsync());
        Assert.Equal(0, transport.Connections);
    }

    private string Ours => _mesh.Identity.Current!.Certificate.TargetCertificate.Thumbprint;

    private static HttpRequestMessage Request(string path, bool http2)
    {
        var request = TestMesh.Get(path);
        request.VersionPolicy = http2 ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact;
        return request;
    }

    private static MeshFailureReason? Failure(HttpMessageInvoker invoker)
    {
        try
        {
            invoker.Send(Request("/", http2: false), CancellationToken.None).Dispose();
            return null;
        }
        catch (MeshException exception)
        {
            return exception.Reason;
        }
    }

    private string[] CallersAfterACall(HttpMessageInvoker invoker, bool http2)
    {
        using var response = invoker.SendAsync(Request("/", http2), CancellationToken.None).GetAwaiter().GetResult();
        response.Content.CopyTo(Stream.Null, null, CancellationToken.None);
        return [.. _member.Callers];
    }
}
