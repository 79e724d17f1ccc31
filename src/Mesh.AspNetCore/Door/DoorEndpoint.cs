using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// The door before one endpoint of Kestrel. The first byte of a connection tells TLS from HTTP: no request of HTTP begins
/// with that of a handshake. Nothing is read away, so what comes after sees the connection as it came.
/// </summary>
internal sealed class DoorEndpoint
{
    private readonly ListenOptions _endpoint;
    private readonly DoorKeeper _keeper;
    private readonly ConnectionDelegate _plain;
    private readonly ConnectionDelegate _tls;
    private readonly TimeSpan _patience;

    private DoorEndpoint(ListenOptions endpoint, DoorKeeper keeper, ConnectionDelegate next)
    {
        (_endpoint, _keeper, _plain) = (endpoint, keeper, next);
        keeper.Guards(endpoint);
        _tls = TlsLayer.Create(endpoint, BeginHandshake, OpenAsync);

        // As long as Kestrel itself waits for the first request.
        _patience = endpoint.KestrelServerOptions.Limits.KeepAliveTimeout;
    }

    public static void AttachTo(ListenOptions endpoint, DoorKeeper keeper, IKestrelMembers kestrel)
    {
        endpoint.Use(next => Before(endpoint, keeper, kestrel, next));
        ((IMultiplexedConnectionBuilder)endpoint).Use(next => connection =>
        {
            // HTTP/3 has TLS of the application's own.
            connection.Features.Set(DoorConnection.ExemptHttps);
            return next(connection);
        });
    }

    // Called when the server binds: whatever the application says about its endpoint is said by then.
    private static ConnectionDelegate Before(
        ListenOptions endpoint, DoorKeeper keeper, IKestrelMembers kestrel, ConnectionDelegate next) =>
        kestrel.IsTls(endpoint) ? Exempt(DoorConnection.ExemptHttps, next) :
        endpoint.SocketPath is not null || endpoint.PipeName is not null ? Exempt(DoorConnection.ExemptHttp, next) :
        new DoorEndpoint(endpoint, keeper, next).OnConnectionAsync;

    private static ConnectionDelegate Exempt(DoorConnection kind, ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(kind);
        return next(connection);
    };

    private Task OnConnectionAsync(ConnectionContext connection)
    {
        if (connection.LocalEndPoint is IPEndPoint local && !_keeper.IsPlainPort(local.Port))
        {
            return ChooseAsync(connection);
        }

        connection.Features.Set(DoorConnection.ExemptHttp);
        return _plain(connection);
    }

    private async Task ChooseAsync(ConnectionContext connection)
    {
        var first = await FirstByte.PeekAsync(connection, _patience, _keeper.Time).ConfigureAwait(false);
        if (first is null)
        {
            return;
        }

        if (first != FirstByte.TlsHandshake || !_keeper.OffersTls)
        {
            var plain = Know(connection, DoorKind.Plaintext, DoorConnection.Http);
            await ServeAsync(connection, plain).ConfigureAwait(false);
            return;
        }

        var known = Know(connection, DoorKind.Tls, DoorConnection.Https);
        await _tls(connection).ConfigureAwait(false);
        if (!known.IsOpen && known.Refused is null)
        {
            _keeper.HandshakeFailed(connection.ConnectionId);
        }
    }

    private static DoorConnection Know(ConnectionContext connection, DoorKind kind, string scheme)
    {
        var known = new DoorConnection(kind, scheme, connection.RemoteEndPoint)
        {
            Lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>(),
        };
        connection.Features.Set(known);
        return known;
    }

    private ValueTask<SslServerAuthenticationOptions> BeginHandshake(TlsHandshakeCallbackContext handshake)
    {
        var known = handshake.Connection.Features.Get<DoorConnection>()!;
        var identity = _keeper.Identity.Current ??
            throw new System.Security.Authentication.AuthenticationException("The certificate has just expired.");
        return ValueTask.FromResult(new PeerGate(_keeper, handshake.Connection, known, identity).Options());
    }

    private async Task OpenAsync(ConnectionContext connection)
    {
        var known = connection.Features.Get<DoorConnection>()!;
        if (known.Peer is { } peer)
        {
            connection.Features.Set<IMeshPeerFeature>(peer);
        }

        known.IsOpen = true;
        if (_endpoint.Protocols.HasFlag(HttpProtocols.Http2) &&
            !await Preface.NoticeAsync(connection, _patience, _keeper.Time).ConfigureAwait(false))
        {
            return;
        }

        await ServeAsync(connection, known).ConfigureAwait(false);
    }

    private async Task ServeAsync(ConnectionContext connection, DoorConnection known)
    {
        _keeper.Connections.Add(known);
        try
        {
            await _plain(connection).ConfigureAwait(false);
        }
        finally
        {
            _keeper.Connections.Remove(known);
        }
    }
}
