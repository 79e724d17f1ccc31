namespace Mesh.Client.Attempts;

/// <summary>
/// What a body is written to before it is known where it goes: memory at first. A write that finds no more room there, and
/// those after it, wait for the connection. So every byte is written once, in order, and at the pace of whoever takes it.
/// </summary>
internal sealed class AheadStream(BodyReplay replay) : WriteOnlyStream
{
    private readonly TaskCompletionSource<Stream> _target = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private Task _writing = Task.CompletedTask;
    private bool _isFull;

    /// <summary>Lets the body write itself; true when it came to its end.</summary>
    public bool Begin()
    {
        try
        {
            _writing = replay.Original.CopyToAsync(this, _end.Token);
        }
        catch (Exception exception)
        {
            // Disposed by the application, for one: it fails when it is sent, and never looks like an empty body.
            _writing = Task.FromException(exception);
        }

        return _writing.IsCompletedSuccessfully;
    }

    /// <summary>The rest of the body goes to its connection, after what was written so far.</summary>
    public async Task GoOnAsync(Stream target, ReadOnlyMemory<byte> begun, CancellationToken cancellationToken)
    {
        using var end = cancellationToken.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), _end);
        try
        {
            // It may be all that comes for a long time, and may have asked for a flush when there was nobody to pass it to.
            await target.WriteAsync(begun, cancellationToken).ConfigureAwait(false);
            await target.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            GiveUp();
            throw;
        }

        _target.SetResult(target);
        await _writing.ConfigureAwait(false);
    }

    /// <summary>Nobody will send the rest.</summary>
    public void GiveUp()
    {
        _end.Cancel();
        _target.TrySetCanceled(_end.Token);

        // How it ends is nobody's business any more, and must not come up as an exception that nobody looked at.
        _writing.ContinueWith(
            static writing => _ = writing.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isFull && replay.TryGather(buffer.Span))
        {
            return ValueTask.CompletedTask;
        }

        _isFull = true;
        return PassAsync(buffer, cancellationToken);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_target.Task.IsCompletedSuccessfully)
        {
            await _target.Task.Result.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Only contents that write asynchronously are read ahead; a blocking write would wait for the thread it is on.
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        if (_target.Task.IsCompletedSuccessfully)
        {
            _target.Task.Result.Flush();
        }
    }

    private async ValueTask PassAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        var target = await _target.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        replay.Keep(buffer.Span);
        await target.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }
}
