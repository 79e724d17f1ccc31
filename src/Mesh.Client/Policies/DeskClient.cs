using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// The desk's HTTP calls, over connections of their own: never through the application's clients, whose policy they
/// carry.
/// </summary>
internal sealed class DeskClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly MeshSelf _self;
    private readonly TimeProvider _time;

    public DeskClient(Uri address, string? token, MeshSelf self, TimeProvider time)
    {
        Address = address;
        _self = self;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = Patience,
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),

            // The desk is no part of the calls that are traced.
            ActivityHeadersPropagator = null,
            MeterFactory = new DeskMeterFactory(),
        };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization =
            token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Address { get; }

    /// <summary>The events of one connection, until the desk closes it.</summary>
    /// <param name="services">The upstreams whose documents concern this process.</param>
    /// <param name="resumeFrom">The hash of what is known, to be spared a snapshot that says the same.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <exception cref="HttpRequestException">The desk cannot be reached, refuses, or breaks off.</exception>
    /// <exception cref="JsonException">An event is no event.</exception>
    /// <exception cref="TimeoutException">The desk did not answer in time.</exception>
    public async IAsyncEnumerable<PolicyEvent> StreamAsync(
        IReadOnlyList<string> services,
        string? resumeFrom,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = $"v1/policies/stream?services={Uri.EscapeDataString(string.Join(',', services))}" +
            $"&caller={Uri.EscapeDataString(_self.Service)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, query);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (resumeFrom is not null)
        {
            request.Headers.Add("Last-Event-ID", resumeFrom);
        }

        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var parser = SseParser.Create(body, static (_, data) =>
                JsonSerializer.Deserialize(data, MeshWireJson.Default.PolicyEvent) ??
                throw new JsonException("An event is null."));
            await foreach (var item in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return item.Data;
            }
        }
    }

    /// <summary>Tells the desk what this process runs.</summary>
    /// <exception cref="HttpRequestException">The desk cannot be reached or refuses.</exception>
    /// <exception cref="TimeoutException">The desk did not answer in time.</exception>
    public async Task ReportAsync(ClientReport report, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Put, $"v1/clients/{Uri.EscapeDataString(report.Instance)}");
        request.Content = JsonContent.Create(report, MeshWireJson.Default.ClientReport);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            if (response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices)
            {
                return response;
            }

            using (response)
            {
                throw new HttpRequestException(
                    $"{request.Method} {request.RequestUri} was answered with {(int)response.StatusCode}.",
                    null,
                    response.StatusCode);
            }
        }
        catch (OperationCanceledException) when (
            patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{Address} did not answer within {Patience.TotalSeconds:F0} s.");
        }
    }
}
