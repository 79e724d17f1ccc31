using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>Looks at the first byte of a connection without taking it.</summary>
internal static class FirstByte
{
    /// <summary>A record that carries a handshake of TLS (RFC 8446, 5.1).</summary>
    public const byte TlsHandshake = 0x16;

    /// <summary>
    /// Waits without a thread. <see langword="null"/> when nothing came: the peer went, was silent for too long, or the
    /// server stops; then the connection is to be let go.
    /// </summary>
    public static async ValueTask<byte?> PeekAsync(ConnectionContext connection, TimeSpan patience, TimeProvider time)
    {
        var input = connection.Transport.Input;
        if (!input.TryRead(out var result))
        {
            var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
            using var limit = new CancellationTokenSource(patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closing);
            try
            {
                result = await input.ReadAsync(both.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // A reset is as good as a goodbye from one who has said nothing.
                return null;
            }
        }

        var first = result.Buffer.IsEmpty ? default(byte?) : result.Buffer.FirstSpan[0];
        input.AdvanceTo(result.Buffer.Start);
        return first;
    }
}
