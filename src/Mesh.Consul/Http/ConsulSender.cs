using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Consul;

/// <summary>Sends one request: token, time limit, and every failure as a <see cref="ConsulException"/>.</summary>
internal sealed class ConsulSender : IDisposable
{
    /// <summary>Longest call that does not block: a hung agent is an error, not a hung application.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the body of an answer may take once it has begun. Thousands of instances on a busy machine take seconds,
    /// and giving up on them would only mean asking for them again.
    /// </summary>
    public static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(30);

    /// <summary>What Consul blocks when a read names an index but no wait.</summary>
    private static readonly TimeSpan ConsulDefaultWait = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The answer travels as it is; System.Uri must not tidy away dots or escapes that are part of a key.
    /// </summary>
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient _http;
    private readonly ConsulSettings _settings;
    private readonly TokenSource _token;
    private readonly TimeProvider _time;
    private readonly AuthenticationHeaderValue? _basic;

    public ConsulSender(
        ConsulSettings settings, HttpMessageHandler handler, TimeProvider time, bool ownsHandler = true)
    {
        _settings = settings;
        _time = time;
        _token = new TokenSource(settings.Token, settings.TokenFile, time);
        _http = new HttpClient(handler, ownsHandler) { Timeout = Timeout.InfiniteTimeSpan };
        if (settings.HttpAuth is { } auth)
        {
            var pair = auth.Contains(':', StringComparison.Ordinal) ? auth : auth + ":";
            _basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
    }

    /// <inheritdoc cref="ConsulClient.TokenChanges"/>
    public int TokenChanges => _token.Changes;

    /// <summary>
    /// When a read's answer must have begun: Consul adds up to a sixteenth to the wait it was asked for.
    /// </summary>
    public static TimeSpan TimeoutOf(ConsulQuery query)
    {
        if (query.Timeout is { } explicitly)
        {
            return explicitly;
        }

        var wait = query.Wait ?? ConsulDefaultWait;
        return query.Index == 0 ? CallTimeout : wait + wait / 16 + CallTimeout;
    }

    /// <summary>Sends a request and reads its answer within the time limit.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and options, relative to the agent's address.</param>
    /// <param name="content">The body, or <see langword="null"/>.</param>
    /// <param name="accepts">Which statuses <paramref name="read"/> wants to see; any other is an error.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="timeout">When the answer must have begun.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<TResult> SendAsync<TResult>(
        HttpMethod method,
        string target,
        HttpContent? content,
        Func<HttpResponseMessage, bool> accepts,
        Func<HttpResponseMessage, CancellationToken, ValueTask<TResult>> read,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = CreateRequest(method, target, content, out var token);
        var begun = false;
        try
        {
            using var response = await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            begun = true;
            limit.CancelAfter(BodyTimeout);
            if (!accepts(response))
            {
                throw await ConsulErrors.RefusedAsync(
                    method, request.RequestUri!, response, token, _token.Origin, either.Token).ConfigureAwait(false);
            }

            return await read(response, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
            when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw begun
                ? ConsulErrors.Stuck(method, request.RequestUri!, BodyTimeout, e)
                : ConsulErrors.Silent(method, request.RequestUri!, timeout, e);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (
            e is HttpRequestException or IOException or System.Text.Json.JsonException or OperationCanceledException)
        {
            // A cancellation that nobody asked for is a connection that did not come about in time.
            throw ConsulErrors.Failed(method, request.RequestUri!, _settings.Address, e);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage CreateRequest(HttpMethod method, string target, HttpContent? content, out string? token)
    {
        token = _token.Current();
        var uri = new Uri(_settings.RequestBase.AbsoluteUri + target, Verbatim);
        var request = new HttpRequestMessage(method, uri)
        {
            Content = content,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Authorization = _basic;
        if (token is not null)
        {
            request.Headers.Add("X-Consul-Token", token);
        }

        return request;
    }
}
