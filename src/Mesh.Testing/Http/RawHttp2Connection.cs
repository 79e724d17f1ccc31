using System.Buffers.Binary;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>
/// One connection of a <see cref="RawHttp2Backend"/>: just enough of HTTP/2 (RFC 9113) to keep a correct client content
/// while answers break the rest on purpose. Request headers are not decoded; answers need none of them.
/// </summary>
internal sealed class RawHttp2Connection(Socket socket, string answer, Func<RawHttp2Answer> next)
{
    private const int FrameHeader = 9;
    private const int MaxFrame = 16_384;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte RstStream = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte Continuation = 9;
    private const byte Ack = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    // Entry 8 of HPACK's static table (RFC 7541, appendix A): ":status: 200".
    private static readonly byte[] Status200 = [0x88];

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private int _lastStream;

    /// <summary>Serves until the client or an answer ends the connection.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var preface = new byte[Preface.Length];
            await _stream.ReadExactlyAsync(preface, cancellationToken).ConfigureAwait(false);
            if (!preface.AsSpan().SequenceEqual(Preface))
            {
                return;
            }

            await SendAsync(Settings, 0, 0, []).ConfigureAwait(false);
            while (true)
            {
                await HandleAsync(await ReadAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (Exception e)
            when (e is IOException or ObjectDisposedException or SocketException or OperationCanceledException)
        {
            // Either side has ended the connection: the purpose of half of the answers, and the end of a test.
        }
        finally
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async Task AnswerAsync(int stream)
    {
        await HeadersAsync(stream).ConfigureAwait(false);
        await DataAsync(stream, System.Text.Encoding.UTF8.GetBytes(answer), end: true).ConfigureAwait(false);
    }

    public Task HeadersAsync(int stream) => SendAsync(Headers, EndHeaders, stream, Status200);

    public Task DataAsync(int stream, byte[] bytes, bool end) =>
        SendAsync(Data, end ? EndStream : (byte)0, stream, bytes);

    public Task ResetStreamAsync(int stream, int errorCode) => SendAsync(RstStream, 0, stream, Number(errorCode));

    public Task GoAwayAsync(int lastStream, int errorCode) =>
        SendAsync(GoAway, 0, 0, [.. Number(Math.Max(0, lastStream)), .. Number(errorCode)]);

    public void Close(bool reset)
    {
        if (reset)
        {
            socket.LingerState = new LingerOption(true, 0);
            _stream.Dispose();
        }
        else
        {
            // Only FIN: closing with unread input would send RST. The client's own end then ends the reading.
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task HandleAsync((byte Type, byte Flags, int Stream, byte[] Payload) frame)
    {
        switch (frame.Type)
        {
            case Settings when (frame.Flags & Ack) == 0:
                await SendAsync(Settings, Ack, 0, []).ConfigureAwait(false);
                break;
            case Ping when (frame.Flags & Ack) == 0:
                await SendAsync(Ping, Ack, 0, frame.Payload).ConfigureAwait(false);
                break;
            case Data when frame.Payload.Length > 0:
                // Hand the window back at once, to the connection and the stream: uploads never stall.
                await SendAsync(WindowUpdate, 0, 0, Number(frame.Payload.Length)).ConfigureAwait(false);
                await SendAsync(WindowUpdate, 0, frame.Stream, Number(frame.Payload.Length)).ConfigureAwait(false);
                break;
            case Headers or Continuation when (frame.Flags & EndHeaders) != 0 && frame.Stream > _lastStream:
                _lastStream = frame.Stream; // headers of an earlier stream are trailers
                await next().GiveAsync(this, frame.Stream).ConfigureAwait(false);
                break;
            default:
                break; // nothing else needs an answer
        }
    }

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)> ReadAsync(
        CancellationToken cancellationToken)
    {
        var header = new byte[FrameHeader];
        await _stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        var length = (header[0] << 16) | (header[1] << 8) | header[2];
        if (length > MaxFrame)
        {
            throw new IOException($"The client sent a frame of {length} bytes; {MaxFrame} is the limit it was told.");
        }

        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
        return (header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue, payload);
    }

    private async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[FrameHeader + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, FrameHeader);
        await _stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
