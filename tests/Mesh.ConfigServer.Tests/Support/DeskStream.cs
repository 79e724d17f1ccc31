using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Support;

/// <summary>A client of the desk's stream.</summary>
internal sealed class DeskStream : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<PolicyEvent>> _events;

    private DeskStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _events = SseParser.Create(body, (_, data) => JsonSerializer.Deserialize(data, MeshWireJson.Default.PolicyEvent)!)
            .EnumerateAsync().GetAsyncEnumerator();
    }

    public string LastId { get; private set; } = "";

    public static async Task<DeskStream> OpenAsync(HttpClient http, string query, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/policies/stream{query}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new DeskStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; <see langword="null"/> when the stream has ended.</summary>
    public async Task<PolicyEvent?> NextAsync()
    {
        if (!await _events.MoveNextAsync().AsTask().WaitAsync(Bound))
        {
            return null;
        }

        LastId = _events.Current.EventId!;
        Assert.Equal(_events.Current.Data.Hash, LastId);
        Assert.Equal(_events.Current.Data.Type.ToString(), _events.Current.EventType, ignoreCase: true);
        return _events.Current.Data;
    }

    /// <summary>The next event that is no heartbeat.</summary>
    public async Task<PolicyEvent> NewsAsync()
    {
        while (true)
        {
            var next = await NextAsync();
            if (next!.Type != PolicyEventType.Heartbeat)
            {
                return next;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _events.DisposeAsync();
    }
}
