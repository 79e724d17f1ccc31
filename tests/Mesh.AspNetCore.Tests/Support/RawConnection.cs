using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>A client's connection, byte by byte: what an HTTP client would hide.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private Stream _stream = Stream.Null;

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync("127.0.0.1", port);
        connection._stream = new NetworkStream(connection._socket);
        return connection;
    }

    /// <summary>The same within TLS.</summary>
    public static async Task<RawConnection> OpenAsync(int port, SslClientAuthenticationOptions tls)
    {
        var connection = await OpenAsync(port);
        var secured = new SslStream(connection._stream);
        await secured.AuthenticateAsClientAsync(tls);
        connection._stream = secured;
        return connection;
    }

    /// <summary>Begins HTTP/2, with default settings.</summary>
    public async Task BeginHttp2Async()
    {
        await SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await SendFrameAsync(type: 4, flags: 0, stream: 0);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Reads to the blank line after the headers.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(1))![0]);
        }

        return head.ToString();
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        while (await ReadAsync(1) is { } next)
        {
            text.Append((char)next[0]);
        }

        return text.ToString();
    }

    /// <summary>One frame of HTTP/2; <see langword="null"/> when the server has closed the connection.</summary>
    public async Task<(byte Type, byte[] Payload)?> ReadFrameAsync()
    {
        if (await ReadAsync(9) is not { } head)
        {
            return null;
        }

        var length = (head[0] << 16) | (head[1] << 8) | head[2];
        return (head[3], (await ReadAsync(length))!);
    }

    /// <summary>Skips frames of HTTP/2 until one of a type comes.</summary>
    public async Task<byte[]> ReadUntilAsync(byte type)
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Type == type)
            {
                return frame.Payload;
            }
        }

        throw new IOException($"The connection ended before a frame of type {type}.");
    }

    /// <summary>A whole GET of HTTP/2, its headers as HPACK literals.</summary>
    public Task GetHttp2Async(string path, int stream) => SendFrameAsync(
        type: 1, flags: 5, stream,
        [0x82, 0x86, 0x41, 1, (byte)'a', 4, (byte)path.Length, .. Encoding.ASCII.GetBytes(path)]);

    public Task SendFrameAsync(byte type, byte flags, int stream, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[1], frame[2]) = ((byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return SendAsync(frame);
    }

    /// <summary>True when the server ended the connection properly, false when anything else came.</summary>
    public async Task<bool> EndsAsync() => await ReadAsync(1) is null;

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<byte[]?> ReadAsync(int count)
    {
        var buffer = new byte[count];
        for (var read = 0; read < count;)
        {
            using var timeout = new CancellationTokenSource(Patience);
            var got = await _stream.ReadAsync(buffer.AsMemory(read), timeout.Token);
            if (got == 0)
            {
                return null;
            }

            read += got;
        }

        return buffer;
    }
}
