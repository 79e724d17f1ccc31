using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Json;

namespace Mesh.Client.Attempts;

/// <summary>
/// Keeps a request body while it is sent, so that it can be sent again, or before it is sent, so that its length is known:
/// up to 64 KiB a call and a cap for the process. What is larger, or was not sent to its end, cannot be repeated; it is
/// sent as it would be without this.
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
    private AheadStream? _ahead;

    private enum State
    {
        NotBegun,
        Ahead,
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
                return _state is State.NotBegun or State.Ahead or State.Complete;
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

    /// <summary>
    /// True for contents that are all there and only have to be serialised, though they cannot tell their length. Other
    /// contents of unknown length wait for whoever writes them (streams, bodies that are pushed), or might block this
    /// thread: those are never read ahead.
    /// </summary>
    public static bool IsReadAhead(HttpContent content) => content is JsonContent;

    /// <summary>The content to send in place of <see cref="Original"/>, once or again.</summary>
    /// <param name="whole">As one block with its length, where it is kept and was read ahead.</param>
    public HttpContent CreateContent(bool whole = false)
    {
        if (whole && IsReadAhead(Original) && TryRead(out var kept))
        {
            var block = new ReadOnlyMemoryContent(kept);
            HttpInternals.CopyHeaders(block, Original);
            return block;
        }

        return Original is StreamContent or MultipartContent ? new ReplayContent(this) : new DuplexReplayContent(this);
    }

    /// <summary>
    /// Serialises the body into memory, as far as that takes neither waiting nor more than <see cref="MostBytes"/>.
    /// What does not end there goes on where it stopped when the body is sent, and so does what failed: the exception
    /// is met where it would be without this.
    /// </summary>
    /// <returns>The body's length when all of it is kept; else <see langword="null"/>.</returns>
    public long? ReadAhead()
    {
        AheadStream? ahead = null;
        lock (_lock)
        {
            if (_state == State.NotBegun)
            {
                _state = State.Ahead;
                ahead = _ahead = new AheadStream(this);
            }
        }

        if (ahead is not null && ahead.Begin())
        {
            Complete();
        }

        lock (_lock)
        {
            return _state == State.Complete ? _length : null;
        }
    }

    /// <summary>The call is over: the memory is given back; a body still on its way goes on without it.</summary>
    public void Release()
    {
        AheadStream? ahead;
        lock (_lock)
        {
            DropLocked();
            (ahead, _ahead) = (_ahead, null);
            _state = State.Released;
        }

        ahead?.GiveUp();
    }

    /// <summary>Sends the body: from memory when it was kept, else from the application's content.</summary>
    public async Task SendAsync(Stream target, CancellationToken cancellationToken)
    {
        if (TryRead(out var kept))
        {
            await target.WriteAsync(kept, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (TryGoOn(out var begun) is { } ahead)
        {
            await ahead.GoOnAsync(target, begun, cancellationToken).ConfigureAwait(false);
            Complete();
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

    /// <summary>Keeps a part of a body that is read ahead; false when it has to wait until the body is sent.</summary>
    internal bool TryGather(ReadOnlySpan<byte> part)
    {
        lock (_lock)
        {
            if (_state != State.Ahead || _length + part.Length > MostBytes || !TryGrowLocked(_length + part.Length))
            {
                return false;
            }

            part.CopyTo(_buffer.AsSpan(_length));
            _length += part.Length;
            return true;
        }
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

    /// <summary>What is read ahead and not at its end, with what it has written: from now on it is sent.</summary>
    private AheadStream? TryGoOn(out ReadOnlyMemory<byte> begun)
    {
        lock (_lock)
        {
            begun = _state == State.Ahead ? _buffer.AsMemory(0, _length).ToArray() : default;
            var ahead = _state == State.Ahead ? _ahead : null;
            (_state, _ahead) = (ahead is null ? _state : State.Sending, null);
            return ahead;
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            Debug.Assert(_state != State.Ahead, "Calls that block are not read ahead.");

            // The platform itself may send a body twice (a connection that died idle): what was kept starts anew.
            _length = 0;
            _state = _state == State.Released ? State.Released : State.Sending;
        }
    }

    private void Complete()
    {
        lock (_lock)
        {
            _state = _state is State.Ahead or State.Sending ? State.Complete : _state;
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
