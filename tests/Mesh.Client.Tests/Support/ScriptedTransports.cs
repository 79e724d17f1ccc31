using System.Collections.Concurrent;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Support;

/// <summary>All endpoints of a test: one script, told which endpoint is asked.</summary>
internal sealed class ScriptedTransports : ITransportFactory
{
    private readonly ConcurrentQueue<Func<string, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _next =
        new();

    private Func<string, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> _always =
        (_, _, _) => Task.FromResult(new HttpResponseMessage());

    /// <summary>Every request that was sent, as it was then.</summary>
    public ConcurrentQueue<SentRequest> Sent { get; } = new();

    public bool Records { get; set; } = true;

    /// <summary>They stand for mutual TLS.</summary>
    public bool Secure { get; set; }

    public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint) =>
        new ScriptedTransport(endpoint.Id, this);

    public ScriptedTransports Always(
        Func<string, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        _always = answer;
        return this;
    }

    public ScriptedTransports Always(Func<string, Task<HttpResponseMessage>> answer) => Always((id, _, _) => answer(id));

    /// <summary>The next request, wherever it goes, gets this; after the last one what was given to Always.</summary>
    public ScriptedTransports Then(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        _next.Enqueue((_, request, token) => answer(request, token));
        return this;
    }

    public ScriptedTransports Then(int status, params (string Name, string Value)[] headers) =>
        Then((_, _) => Task.FromResult(Response(status, headers)));

    public ScriptedTransports ThenThrow(Exception exception) =>
        Then((_, _) => Task.FromException<HttpResponseMessage>(exception));

    /// <summary>The next request is not answered until its token is cancelled.</summary>
    public ScriptedTransports ThenHang() => Then(async (_, token) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, token);
        throw new InvalidOperationException("unreachable");
    });

    public static HttpResponseMessage Response(int status, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((System.Net.HttpStatusCode)status);
        foreach (var (name, value) in headers)
        {
            Assert.True(response.Headers.TryAddWithoutValidation(name, value));
        }

        return response;
    }

    public Task<HttpResponseMessage> Answer(string id, HttpRequestMessage request, CancellationToken token)
    {
        if (Records)
        {
            Sent.Enqueue(new SentRequest(
                id,
                request.Version,
                request.VersionPolicy,
                request.Headers.ToDictionary(
                    h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase),
                request.Content));
        }

        return (_next.TryDequeue(out var next) ? next : _always)(id, request, token);
    }

    internal sealed record SentRequest(
        string Endpoint,
        Version Version,
        HttpVersionPolicy Policy,
        IReadOnlyDictionary<string, string> Headers,
        HttpContent? Content);
}
