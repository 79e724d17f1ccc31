using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// The body of one request of HTTP/2, held to Kestrel's own minimum rate alone: what is too slow ends with 408 as it does
/// over HTTP/1, and the other requests of the connection go on. Kestrel itself would reset the connection. An application
/// that lifts the limit from a request, as gRPC does from streams, lifts it here.
/// </summary>
internal sealed class PacedBody : Stream, IRequestBodyPipeFeature, IHttpMinRequestBodyDataRateFeature
{
    private readonly SlowBodies _watch;
    private readonly HttpRequest _request;
    private readonly IRequestBodyPipeFeature _pipe;
    private readonly Stream _stream;
    private readonly PipeReader _source;
    private PacedReader? _reader;
    private long _waited;
    private long _received;
    private long _waitsSince;
    private volatile bool _tooSlow;

    public PacedBody(SlowBodies watch, HttpContext context, IRequestBodyPipeFeature pipe, MinDataRate rate)
    {
        (_watch, _request, _pipe, MinDataRate) = (watch, context.Request, pipe, rate);
        _stream = context.Request.Body;
        _source = pipe.Reader;
    }

    public MinDataRate? MinDataRate { get; set; }

    /// <summary>Whoever has put another stream in this one's place gets a reader of that.</summary>
    PipeReader IRequestBodyPipeFeature.Reader =>
        ReferenceEquals(_request.Body, this) ? _reader ??= new PacedReader(this, _source) : _pipe.Reader;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = _stream.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            return WaitAsync(reading);
        }

        var count = reading.Result;
        _received += count;
        return new ValueTask<int>(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        Begin();
        try
        {
            var read = _stream.Read(buffer, offset, count);
            _received += read;
            return read;
        }
        catch (OperationCanceledException) when (_tooSlow)
        {
            throw TooSlow();
        }
        finally
        {
            End();
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>The application waits for the caller's bytes from now on.</summary>
    internal void Begin()
    {
        Volatile.Write(ref _waitsSince, _watch.Now);
        _watch.Add(this);
    }

    /// <summary>The application waits no longer.</summary>
    internal void End()
    {
        _watch.Remove(this);
        _waited += _watch.Now - Volatile.Read(ref _waitsSince);
    }

    internal void Received(long bytes) => _received += bytes;

    internal void ThrowIfTooSlow()
    {
        if (_tooSlow)
        {
            throw TooSlow();
        }
    }

    /// <summary>Ends the wait when it makes the body too slow. Only while the application waits.</summary>
    /// <returns>True when it did.</returns>
    internal bool EndIfTooSlow(long now, long frequency)
    {
        var waited = (double)(Volatile.Read(ref _waited) + now - Volatile.Read(ref _waitsSince)) / frequency;
        if (MinDataRate is not { } rate || waited <= rate.GracePeriod.TotalSeconds ||
            Volatile.Read(ref _received) / waited >= rate.BytesPerSecond)
        {
            return false;
        }

        _tooSlow = true;
        _source.CancelPendingRead();
        return true;
    }

    private static Microsoft.AspNetCore.Http.BadHttpRequestException TooSlow() => new(
        "The request's body came more slowly than the server's minimum rate.", StatusCodes.Status408RequestTimeout);

    private async ValueTask<int> WaitAsync(ValueTask<int> reading)
    {
        Begin();
        try
        {
            var count = await reading.ConfigureAwait(false);
            _received += count;
            return count;
        }
        catch (OperationCanceledException) when (_tooSlow)
        {
            throw TooSlow();
        }
        finally
        {
            End();
        }
    }
}
