using System.Buffers;

namespace Mesh.Client.Attempts;

/// <summary>
/// Keeps a request body while it is sent, so that it can be sent again: up to 64 KiB a call and a cap for the process.
/// What is larger, or was not sent to its end, cannot be repeated; it is sent as it would be without this.
/// </summary>
internal sealed class BodyReplay(HttpContent original, ReplayMemory memory)
{
    /// <summary>Bytes kept for one call.</summary>
    public const int MostBytes = 64 * 1024;

    private const int FirstBytes = 4 * 1024;

    // Guards everything below. A body may still be on its way (HTTP/2 answers early) while its call ends and gives the
    // buffer back. Nothing is called under it but the array pool and the counter of the memory.
    private readonly Lock _lock = new();
    private byte[]? _buffer;
    private int _length;
    private State _state;

    private enum State
    {
        NotBegun,
        Sending,
        Complete,
        Lost,
        Released,
    }

    /// <summary>The application's own content.</summary>
    public HttpContent Original => original;

    /// <summary>The body was not touched, or is kept as a whole.</summary>
    public bool IsAtHand
    {
        get
        {
            lock (_lock)
            {
                return _state is State.NotBegun or State.Complete;
            }
        }
    }

    /// <summary>The body was sent to its end.</summary>
    public bool IsSent
    {
        get
        {
            lock (_lock)
            {
                return _state == State.Complete;
            }
        }
    }

    /// <summary>True for contents that can be sent again as they are.</summary>
    public static bool IsRepeatable(HttpContent? content) =>
        content is null or ByteArrayContent or ReadOnlyMemoryContent;

    /// <summary>The content to send in place of <see cref="Original"/>, once or again.</summary>
    public HttpContent CreateContent() =>
        Original is StreamContent or MultipartContent ? new ReplayContent(this) : new DuplexReplayContent(this);

    /// <summary>The call is over: the memory is given back; a body still on its way goes on without it.</summary>
    public void Release()
    {
        lock (_lock)
        {
            DropLocked();
            _state = State.Released;
        }
    }

    /// <summary>Sends the body: from memory when it was kept, else from the application's content.</summary>
    public async Task SendAsync(Stream target, CancellationToken cancellationToken)
    {
        if (TryRead(out var kept))
        {
            await target.WriteAsync(kept, cancellationToken).ConfigureAwait(false);
            return;
        }

        Begin();
        await Original.CopyToAsync(new ReplayStream(target, this), cancellationToken).ConfigureAwait(false);
        Complete();
    }

    /// <inheritdoc cref="SendAsync"/>
    public void Send(Stream target, CancellationToken cancellationToken)
    {
        if (TryRead(out var kept))
        {
            target.Write(kept.Span);
            return;
        }

        Begin();
        Original.CopyTo(new ReplayStream(target, this), context: null, cancellationToken);
        Complete();
    }

    /// <summary>A part of the body passed by.</summary>
    internal void Keep(ReadOnlySpan<byte> part)
    {
        lock (_lock)
        {
            if (_state != State.Sending)
            {
                return;
            }

            if (_length + part.Length > MostBytes || !TryGrowLocked(_length + part.Length))
            {
                DropLocked();
                _state = State.Lost;
                return;
            }

            part.CopyTo(_buffer.AsSpan(_length));
            _length += part.Length;
        }
    }

    private bool TryRead(out ReadOnlyMemory<byte> kept)
    {
        lock (_lock)
        {
            // A copy: the buffer may be given back while it is written to a slow peer.
            kept = _state == State.Complete ? _buffer.AsMemory(0, _length).ToArray() : default;
            return _state == State.Complete;
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            // The platform itself may send a body twice (a connection that died idle): what was kept starts anew.
            _length = 0;
            _state = _state == State.Released ? State.Released : State.Sending;
        }
    }

    private void Complete()
    {
        lock (_lock)
        {
            _state = _state == State.Sending ? State.Complete : _state;
        }
    }

    private bool TryGrowLocked(int needed)
    {
        if (_buffer is not null && _buffer.Length >= needed)
        {
            return true;
        }

        var size = Math.Max(FirstBytes, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed));
        if (!memory.TryTake(size - (_buffer?.Length ?? 0)))
        {
            return false;
        }

        var larger = ArrayPool<byte>.Shared.Rent(size);
        memory.Return(size - larger.Length);
        if (_buffer is not null)
        {
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
        return true;
    }

    private void DropLocked()
    {
        if (_buffer is not null)
        {
            memory.Return(_buffer.Length);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
            _length = 0;
        }
    }
}
