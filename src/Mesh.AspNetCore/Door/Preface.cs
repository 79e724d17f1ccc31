using System.Buffers;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// A caller that begins HTTP/2 over TLS without having negotiated it: what a proxy of Consul Connect, which hands on bytes
/// and offers no protocol, makes of gRPC. Kestrel takes such a connection for HTTP/1 unless it is told.
/// </summary>
internal static class Preface
{
    /// <summary>No method of HTTP/1 begins so: they were chosen for that (RFC 9113, 3.4).</summary>
    private static ReadOnlySpan<byte> Start => "PRI "u8;

    /// <summary>Looks at the first bytes inside of the TLS and says what they say.</summary>
    /// <returns>False when nothing came, and the connection is to be let go.</returns>
    public static async ValueTask<bool> NoticeAsync(ConnectionContext connection, TimeSpan patience, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(patience, time);
        try
        {
            while (true)
            {
                var result = await connection.Transport.Input.ReadAsync(limit.Token).ConfigureAwait(false);
                var (isStart, isEnough) = Compare(result.Buffer);
                var nothing = result.Buffer.IsEmpty;
                connection.Transport.Input.AdvanceTo(
                    result.Buffer.Start, isEnough ? result.Buffer.Start : result.Buffer.End);
                if (isEnough || result.IsCompleted)
                {
                    if (isStart && isEnough)
                    {
                        connection.Features.Set<ITlsApplicationProtocolFeature>(Http2.Instance);
                    }

                    return !nothing;
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private static (bool IsStart, bool IsEnough) Compare(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[4];
        var count = (int)Math.Min(buffer.Length, first.Length);
        buffer.Slice(0, count).CopyTo(first);
        var isStart = Start.StartsWith(first[..count]);
        return (isStart, !isStart || count == Start.Length);
    }

    private sealed class Http2 : ITlsApplicationProtocolFeature
    {
        public static readonly Http2 Instance = new();

        public ReadOnlyMemory<byte> ApplicationProtocol => SslApplicationProtocol.Http2.Protocol;
    }
}
