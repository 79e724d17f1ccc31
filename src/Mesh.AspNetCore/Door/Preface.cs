using System.Buffers;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Which HTTP a caller speaks inside of the TLS, by its first bytes. What was negotiated says it for those who negotiate;
/// a proxy of Consul Connect hands on bytes of whatever kind, and negotiates HTTP/2 or nothing.
/// </summary>
internal static class Preface
{
    private static readonly Spoken Http1 = new(SslApplicationProtocol.Http11);
    private static readonly Spoken Http2 = new(SslApplicationProtocol.Http2);

    /// <summary>No method of HTTP/1 begins so: it was chosen for that (RFC 9113, 3.4).</summary>
    private static ReadOnlySpan<byte> Start => "PRI "u8;

    /// <summary>
    /// Waits for the first bytes, without taking them, and corrects what the connection says of its protocol when they
    /// contradict it.
    /// </summary>
    /// <returns>False when nothing came, and the connection is to be let go.</returns>
    public static async ValueTask<bool> NoticeAsync(ConnectionContext connection, TimeSpan patience, TimeProvider time)
    {
        var input = connection.Transport.Input;
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closing);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(both.Token).ConfigureAwait(false);
                var (isStart, isEnough) = Compare(result.Buffer);
                var isNothing = result.Buffer.IsEmpty;
                input.AdvanceTo(result.Buffer.Start, isEnough ? result.Buffer.Start : result.Buffer.End);
                if (isEnough)
                {
                    Correct(connection, isStart ? Http2 : Http1);
                    return true;
                }

                if (result.IsCompleted)
                {
                    return !isNothing;
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private static void Correct(ConnectionContext connection, Spoken spoken)
    {
        var negotiated = connection.Features.Get<ITlsApplicationProtocolFeature>();
        if (negotiated is null || !negotiated.ApplicationProtocol.Span.SequenceEqual(spoken.ApplicationProtocol.Span))
        {
            connection.Features.Set<ITlsApplicationProtocolFeature>(spoken);
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

    private sealed class Spoken(SslApplicationProtocol protocol) : ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol => protocol.Protocol;
    }
}
