namespace Mesh.Client.Pipeline;

/// <summary>Reads (and, after an upgrade, writes) a leased body, and tells <see cref="LeaseContent"/> when it ends.</summary>
internal sealed class LeaseStream(Stream inner, LeaseContent lease) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanTimeout => inner.CanTimeout;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    public override int WriteTimeout
    {
        get => inner.WriteTimeout;
        set => inner.WriteTimeout = value;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (lease.Idle is { } idle)
        {
            return ReadWithinAsync(buffer, idle, cancellationToken);
        }

        var reading = inner.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            return FinishAsync(reading, buffer.Length);
        }

        var read = reading.Result;
        Saw(read, buffer.Length);
        return new ValueTask<int>(read);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = inner.Read(buffer);
            Saw(read, buffer.Length);
            return read;
        }
        catch (Exception exception)
        {
            lease.Fail(exception);
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        lease.End();
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            lease.End();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> FinishAsync(ValueTask<int> reading, int wanted)
    {
        try
        {
            var read = await reading.ConfigureAwait(false);
            Saw(read, wanted);
            return read;
        }
        catch (Exception exception)
        {
            lease.Fail(exception);
            throw;
        }
    }

    private async ValueTask<int> ReadWithinAsync(Memory<byte> buffer, TimeSpan idle, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(idle, lease.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var read = await inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
            Saw(read, buffer.Length);
            return read;
        }
        catch (OperationCanceledException exception)
            when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            lease.Break();
            throw new IOException(
                $"The response body paused for more than {idle.TotalMilliseconds:0} ms, the policy's idle timeout.",
                new TimeoutException(exception.Message, exception));
        }
        catch (Exception exception)
        {
            lease.Fail(exception);
            throw;
        }
    }

    /// <summary>Reading nothing into nothing only waits for data; reading nothing into something is the end.</summary>
    private void Saw(int read, int wanted)
    {
        if (read == 0 && wanted > 0)
        {
            lease.Complete();
        }
    }
}
