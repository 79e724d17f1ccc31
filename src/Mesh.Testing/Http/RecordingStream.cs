namespace Mesh.Testing;

/// <summary>
/// A request body that remembers what was read of it, so that streaming in both directions still works.
/// </summary>
internal sealed class RecordingStream(Stream inner, int max) : Stream
{
    // Guards _recorded: a test reads it while the answer still reads the body. Only copying happens under it.
    private readonly Lock _lock = new();
    private readonly MemoryStream _recorded = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public byte[] Recorded()
    {
        lock (_lock)
        {
            return _recorded.ToArray();
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Record(buffer.AsSpan(offset, read));
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Record(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Record(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _recorded.Write(bytes[..Math.Min(bytes.Length, max - (int)_recorded.Length)]);
        }
    }
}
