namespace Mesh.Client.Attempts;

/// <summary>Writes to the connection, and lets <see cref="BodyReplay"/> keep what passes.</summary>
internal sealed class ReplayStream(Stream target, BodyReplay replay) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        replay.Keep(buffer);
        target.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        replay.Keep(buffer.Span);
        return target.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush() => target.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);
}
