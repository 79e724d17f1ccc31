using System.Net.Security;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>
/// Callers that do not go when they are asked to: HTTP/2 leaves it to them whether they begin more requests after
/// GOAWAY.
/// </summary>
public sealed class StubbornPeerTests : IAsyncLifetime
{
    private const byte Headers = 1;
    private const byte GoAway = 7;

    /// <summary>":status: 200" in HPACK's own table.</summary>
    private const byte Ok = 0x88;

    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DoorApp _app = null!;

    public async Task InitializeAsync() => _app = await DoorApp.StartAsync(
        InboundTls.Strict,
        use: a => a.Run(async c =>
        {
            await c.Response.Body.FlushAsync();
            if (c.Request.Path == "/held")
            {
                await _end.Task;
            }
        }),
        time: _time);

    public async Task DisposeAsync()
    {
        _end.TrySetResult();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task RequestsBegunAfterTheCertificateEnded_AreRefused_WhatIsInFlightIsNot()
    {
        using var leaf = _app.Authority.Issue(new TestCertificateOptions
        {
            Uris = [_app.Authority.IdOf("web")], NotAfter = _time.GetUtcNow().AddMinutes(5),
        });
        await using var connection = await OpenAsync(leaf);

        await AdvanceToGoAwayAsync(connection, TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromSeconds(30));

        await connection.GetHttp2Async("/", stream: 3);
        var refused = await connection.ReadUntilAsync(Headers);
        Assert.NotEqual(Ok, refused[0]);
        Assert.Contains(MeshReasons.PeerExpired, Assert.Single(_app.Log.Lines, l => l.Id.Id == 7040).Text);
        Assert.Single(_app.Connections.Where(c => c.Peer is not null)); // The first request runs on.
    }

    [Fact]
    public async Task RequestsBegunAfterTheRootIsGone_AreRefused()
    {
        using var later = new TestAuthority();
        using var leaf = _app.Authority.Issue("web");
        await using var connection = await OpenAsync(leaf);

        _app.Identify(later);
        await AdvanceToGoAwayAsync(connection, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(30));

        await connection.GetHttp2Async("/", stream: 3);
        Assert.NotEqual(Ok, (await connection.ReadUntilAsync(Headers))[0]);
        Assert.Contains(MeshReasons.PeerUntrusted, Assert.Single(_app.Log.Lines, l => l.Id.Id == 7040).Text);
    }

    [Fact]
    public async Task HandshakeUnderARootThatIsGoneByTheFirstRequest_IsNotForgotten()
    {
        using var later = new TestAuthority();
        using var leaf = _app.Authority.Issue("web");
        await using var connection = await RawConnection.OpenAsync(_app.Port, Http2(leaf));

        _app.Identify(later);
        await BeginAsync(connection);
        await AdvanceToGoAwayAsync(connection, TimeSpan.Zero);
    }

    private static SslClientAuthenticationOptions Http2(TestCertificate leaf)
    {
        var shown = DoorApp.Shows(leaf);
        shown.ApplicationProtocols = [SslApplicationProtocol.Http2];
        return shown;
    }

    private async Task<RawConnection> OpenAsync(TestCertificate leaf)
    {
        var connection = await RawConnection.OpenAsync(_app.Port, Http2(leaf));
        await BeginAsync(connection);
        return connection;
    }

    /// <summary>With a request that runs until the test's end, which keeps the connection open.</summary>
    private static async Task BeginAsync(RawConnection connection)
    {
        await connection.BeginHttp2Async();
        await connection.GetHttp2Async("/held", stream: 1);
        Assert.Equal(Ok, (await connection.ReadUntilAsync(Headers))[0]);
    }

    private async Task AdvanceToGoAwayAsync(RawConnection connection, TimeSpan first)
    {
        var asked = connection.ReadUntilAsync(GoAway);
        _time.Advance(first);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return asked.IsCompleted;
            },
            "the server's asking to go");
        await asked;
    }
}
