using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;

namespace Mesh.Client.Tests.Grpc;

/// <summary>As much of the gRPC protocol as a test needs: length-prefixed messages, statuses, metadata.</summary>
internal static class GrpcWire
{
    public static HttpRequestMessage Request(
        string method, HttpContent content, params (string Name, string Value)[] metadata)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://orders/test.Echo/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        foreach (var (name, value) in metadata)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return request;
    }

    public static HttpContent Messages(params byte[][] messages) =>
        new ByteArrayContent([.. messages.SelectMany(Frame)]);

    /// <summary>The next message, or <see langword="null"/> at the end of the stream.</summary>
    public static async Task<byte[]?> ReadAsync(Stream body)
    {
        var prefix = new byte[5];
        var read = await body.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false);
        if (read == 0)
        {
            return null;
        }

        Assert.Equal(prefix.Length, read);
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        await body.ReadExactlyAsync(message);
        return message;
    }

    public static async Task<List<byte[]>> ReadAllAsync(HttpResponseMessage response)
    {
        List<byte[]> messages = [];
        await using var body = await response.Content.ReadAsStreamAsync();
        while (await ReadAsync(body) is { } message)
        {
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>The status, from wherever it came.</summary>
    public static int Status(HttpResponseMessage response) =>
        int.Parse((response.Headers.TryGetValues("grpc-status", out var values)
            ? values
            : response.TrailingHeaders.GetValues("grpc-status")).Single());

    public static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>A request body that is written while the answer is read.</summary>
    internal sealed class Conversation : HttpContent
    {
        private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>();

        public void Say(byte[] message) => _messages.Writer.TryWrite(message);

        public void Finish() => _messages.Writer.TryComplete();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            await foreach (var message in _messages.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(Frame(message), cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
