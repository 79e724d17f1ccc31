using System.Net;

namespace Mesh.Client.Attempts;

/// <summary>
/// Sends a body through <see cref="BodyReplay"/> where the platform wants it sent before it looks at the answer: it does
/// so for streams and multipart bodies, and knows them by their type, so this is one.
/// </summary>
internal sealed class ReplayContent : StreamContent
{
    private readonly BodyReplay _replay;

    public ReplayContent(BodyReplay replay)
        : base(Stream.Null)
    {
        _replay = replay;
        HttpInternals.ShareHeaders(this, replay.Original, adopt: false);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _replay.SendAsync(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _replay.SendAsync(stream, cancellationToken);

    protected override void SerializeToStream(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _replay.Send(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = _replay.Original.Headers.ContentLength ?? 0;
        return _replay.Original.Headers.ContentLength is not null;
    }
}
