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

    private readonly DeskConnections _connections;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly MeshSelf _self;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<DeskReplica> _replicas;
    private int _current;

    /// <param name="replicas">One or more; each derives the same state from the same KV.</param>
    /// <param name="token">What all of them want, if they want one.</param>
    /// <param name="self">Who asks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chooses the first, so that a fleet spreads over them.</param>
    /// <param name="trust">By what a desk is known; <see langword="null"/> in a process that has no identity.</param>
    public DeskClient(
        IReadOnlyList<DeskReplica> replicas, string? token, MeshSelf self, TimeProvider time, Random random,
        DeskTrust? trust = null)
    {
        _replicas = replicas;
        _current = random.Next(replicas.Count);
        _self = self;
        _time = time;
        _connections = new DeskConnections(trust, Patience, time);
        _authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The replica that is asked now.</summary>
    public Uri Address => Current.Address;

    private DeskReplica Current => _replicas[Volatile.Read(ref _current)];

    /// <summary>How many there are.</summary>
    public int Replicas => _replicas.Count;

    /// <summary>The one asked is lost, or lags: asks another, where there is one. Called by one reader only.</summary>
    public void Next() => Volatile.Write(ref _current, (_current + 1) % _replicas.Count);

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
        var replica = Current;
        var query = $"v1/policies/stream?services={Uri.EscapeDataString(string.Join(',', services))}" +
            $"&caller={Uri.EscapeDataString(_self.Service)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(replica.Address, query));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (resumeFrom is not null)
        {
            request.Headers.Add("Last-Event-ID", resumeFrom);
        }

        using var response = await SendAsync(replica, request, cancellationToken).ConfigureAwait(false);
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
        var replica = Current;
        using var request = new HttpRequestMessage(
            HttpMethod.Put, new Uri(replica.Address, $"v1/clients/{Uri.EscapeDataString(report.Instance)}"));
        request.Content = JsonContent.Create(report, MeshWireJson.Default.ClientReport);
        using var response = await SendAsync(replica, request, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _connections.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        DeskReplica replica, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _authorization;
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var response = await _connections.SendAsync(replica, request, either.Token).ConfigureAwait(false);
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
            throw new TimeoutException($"{replica.Address} did not answer within {Patience.TotalSeconds:F0} s.");
        }
    }
}
