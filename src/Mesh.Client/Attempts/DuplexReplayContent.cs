using System.Net;

namespace Mesh.Client.Attempts;

/// <summary>
/// Sends a body through <see cref="BodyReplay"/> while answers may already come in: bodies of unknown kinds may be
/// conversations.
/// </summary>
internal sealed class DuplexReplayContent : HttpContent
{
    private readonly BodyReplay _replay;

    public DuplexReplayContent(BodyReplay replay)
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
