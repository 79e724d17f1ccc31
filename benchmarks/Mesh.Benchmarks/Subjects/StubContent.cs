using System.Net;

namespace Mesh.Benchmarks.Subjects;

/// <summary>A body as a connection delivers it: of a length the client cannot know, by stream or by copy.</summary>
internal sealed class StubContent(byte[] body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        stream.Write(body);
        return Task.CompletedTask;
    }

    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        SerializeToStreamAsync(stream, context);

    protected override void SerializeToStream(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) => stream.Write(body);

    protected override Task<Stream> CreateContentReadStreamAsync() =>
        Task.FromResult<Stream>(new MemoryStream(body, writable: false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        new MemoryStream(body, writable: false);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
