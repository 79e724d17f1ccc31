using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Mesh.Testing;

/// <summary>The few Consul HTTP calls the bench itself needs, without proxy, pool sharing or retries.</summary>
internal sealed class ConsulApi : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;

    public ConsulApi(Uri address, string? token)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            BaseAddress = address,
            Timeout = CallTimeout,
        };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Add("X-Consul-Token", token);
        }
    }

    /// <summary>The JSON answer, or null when the agent answered an error, nothing, or is no Consul at all.</summary>
    public async Task<JsonElement?> TryAsync(
        HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        try
        {
            var (status, text) = await SendAsync(method, path, body, cancellationToken).ConfigureAwait(false);
            return status == HttpStatusCode.OK ? Parse(text) : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The JSON answer.</summary>
    /// <exception cref="ConsulAgentException">The agent answered an error.</exception>
    public async Task<JsonElement> DoAsync(
        HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        var (status, text) = await SendAsync(method, path, body, cancellationToken).ConfigureAwait(false);
        return status == HttpStatusCode.OK
            ? Parse(text)
            : throw new ConsulAgentException($"Consul answered {method} {path} with {(int)status}: {text}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(
        HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return document.RootElement.Clone();
    }
}
