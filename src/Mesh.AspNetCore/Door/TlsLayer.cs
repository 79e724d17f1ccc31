using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Kestrel's own TLS, with its time limit, buffers, metrics and features, as one step that an endpoint may take or not.
/// Told to the endpoint itself, it would make all of it HTTPS: its address, its QUIC, every connection. So it is told to an
/// endpoint that no server ever binds, and only what comes out of that is used.
/// </summary>
internal static class TlsLayer
{
    /// <summary>Makes the step.</summary>
    /// <param name="endpoint">Whose protocols are offered.</param>
    /// <param name="handshake">Decides about each connection.</param>
    /// <param name="next">What follows a handshake that went well.</param>
    public static ConnectionDelegate Create(
        ListenOptions endpoint,
        Func<TlsHandshakeCallbackContext, ValueTask<SslServerAuthenticationOptions>> handshake,
        ConnectionDelegate next)
    {
        var aside = new KestrelServerOptions { ApplicationServices = endpoint.ApplicationServices };
        ConnectionDelegate? step = null;
        aside.Listen(IPAddress.Loopback, 0, never =>
        {
            never.Protocols = endpoint.Protocols & HttpProtocols.Http1AndHttp2;
            never.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = handshake });
            never.Use(_ => next);
            step = never.Build();
        });
        return step!;
    }
}
