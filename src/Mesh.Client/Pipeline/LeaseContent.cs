using System.Net;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// A response body that holds its endpoint's lease until it ends, breaks or is disposed, whichever comes first. Headers,
/// trailers, full duplex and buffering work as without it.
/// </summary>
internal sealed class LeaseContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly HttpResponseMessage _response;
    private readonly BodyTerms _terms;
    private readonly CancellationTokenRegistration _caller;
    private MeshEndpoint? _endpoint;

    /// <param name="response">The response this becomes the content of.</param>
    /// <param name="inner">Its content so far.</param>
    /// <param name="endpoint">The endpoint whose lease is held.</param>
    /// <param name="terms">What holds for the body.</param>
    /// <param name="caller">Ties a request body that may still be on its way to the caller's token.</param>
    public LeaseContent(
        HttpResponseMessage response,
        HttpContent inner,
        MeshEndpoint endpoint,
        BodyTerms terms,
        CancellationTokenRegistration caller)
    {
        _response = response;
        _inner = inner;
        _endpoint = endpoint;
        _terms = terms;
        _caller = caller;

        // Contents that know their own length (only stubs answer with one) are asked for it; for the platform's it is
        // this content that knows, once it has been buffered.
        HttpInternals.ShareHeaders(this, inner, adopt: inner is not (ByteArrayContent or StreamContent));
    }

    /// <summary>Longest pause between two reads; <see langword="null"/> means no limit.</summary>
    public TimeSpan? Idle => _terms.Idle;

    /// <summary>The clock of <see cref="Idle"/>.</summary>
    public TimeProvider Time => _terms.Time;

    /// <summary>
    /// A caller that drops a response without reading or disposing it must not make its endpoint look busy for ever: the
    /// lease ends when the response is collected.
    /// </summary>
    ~LeaseContent() => End();

    /// <summary>The body ended, or nobody wants the rest of it.</summary>
    public void End() => Take()?.EndLease(_caller);

    /// <summary>The body came to its end: what follows it is known now.</summary>
    public void Complete()
    {
        if (Take() is not { } endpoint)
        {
            return;
        }

        if (_terms.IsGrpc)
        {
            var outcome = GrpcStatus.Outcome(
                GrpcStatus.Parse(AnswerTable.Value(_response.TrailingHeaders, GrpcStatus.Header)));
            if (outcome != AttemptOutcome.Success)
            {
                endpoint.ObserveLate(outcome);
            }
        }

        endpoint.EndLease(_caller);
    }

    /// <summary>The endpoint broke the body.</summary>
    public void Break()
    {
        if (Take() is { } endpoint)
        {
            endpoint.ObserveLate(AttemptOutcome.BodyBroken);
            endpoint.EndLease(_caller);
        }
    }

    /// <summary>A read failed: the endpoint's doing, unless the reader gave up.</summary>
    public void Fail(Exception exception)
    {
        if (exception is OperationCanceledException or ObjectDisposedException)
        {
            End();
        }
        else
        {
            Break();
        }
    }

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            if (Idle is null)
            {
                await _inner.CopyToAsync(stream, context, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                using var source = Lease(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
                await source.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
            }

            Complete();
        }
        catch (Exception exception)
        {
            FailCopy(exception, stream);
            throw;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override void SerializeToStream(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            _inner.CopyTo(stream, context, cancellationToken);
            Complete();
        }
        catch (Exception exception)
        {
            FailCopy(exception, stream);
            throw;
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(default);

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        var opening = _inner.ReadAsStreamAsync(cancellationToken);
        return opening.IsCompletedSuccessfully ? Task.FromResult(Lease(opening.Result)) : OpenAsync(opening);
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        Lease(_inner.ReadAsStream(cancellationToken));

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            End();
        }

        base.Dispose(disposing);
    }

    /// <summary>The lease, for the one who ends it.</summary>
    private MeshEndpoint? Take()
    {
        var endpoint = Interlocked.Exchange(ref _endpoint, null);
        if (endpoint is not null)
        {
            GC.SuppressFinalize(this);
        }

        return endpoint;
    }

    private Stream Lease(Stream stream) => new LeaseStream(stream, this);

    private async Task<Stream> OpenAsync(Task<Stream> opening) => Lease(await opening.ConfigureAwait(false));

    /// <summary>
    /// A copy can break at both ends. What the platform copies into for itself is memory and does not break, nor does
    /// anything but a connection say <see cref="HttpIOException"/>; otherwise nobody is blamed.
    /// </summary>
    private void FailCopy(Exception exception, Stream target)
    {
        var ours = exception is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded };
        var platforms = target is MemoryStream || target.GetType().Assembly == typeof(HttpContent).Assembly;
        if (!ours && (platforms || exception is HttpIOException || exception.InnerException is HttpIOException))
        {
            Fail(exception);
        }
        else
        {
            End();
        }
    }
}
