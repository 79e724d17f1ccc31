using System.Net;
using System.Net.Sockets;

namespace Mesh.Consul;

/// <summary>
/// Makes the handler that carries every call to the agent. It is our own and never one of the application's client
/// factory: the mesh must not route its own control traffic through itself.
/// </summary>
internal static class ConsulHandler
{
    /// <summary>An agent is local or near; a connect that takes longer will not come.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>So that an address behind a name that moves, and renewed certificates, are noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longer than heartbeats are apart, so that these keep theirs; no longer, because the agent has connections for a
    /// limited number only, and other processes want some.
    /// </summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(12);

    /// <summary>Connections beside the blocking ones: heartbeats, key-value watches and short reads.</summary>
    private const int OtherConnections = 16;

    /// <param name="settings">Where the agent is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pooled">False opens a connection for each request and closes it afterwards.</param>
    public static SocketsHttpHandler Create(ConsulSettings settings, TimeProvider time, bool pooled = true) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = pooled ? ConnectionLifetime : TimeSpan.Zero,
        PooledConnectionIdleTimeout = IdleTimeout,
        MaxConnectionsPerServer = settings.MaxBlockingQueries + OtherConnections,

        // No propagator means no span and no trace header: watches are not part of anybody's trace.
        ActivityHeadersPropagator = null,
        MeterFactory = new ConsulMeterFactory(),
        ConnectCallback = (context, cancellationToken) =>
            ConnectAsync(settings, context.DnsEndPoint, time, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(
        ConsulSettings settings, DnsEndPoint endpoint, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = settings.UnixSocket is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (settings.UnixSocket is { } path)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                return new AgentStream(socket, time);
            }

            // A blocked read is silent for minutes. Probes keep address translators from forgetting the connection and
            // find a peer that vanished without a word within a minute instead of after the whole wait.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            Stream stream = new AgentStream(socket, time);
            return settings.RequestBase.Scheme == Uri.UriSchemeHttps
                ? await ConsulTls.AuthenticateAsync(stream, settings, cancellationToken).ConfigureAwait(false)
                : stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
