using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Shop.Host;

/// <summary>What an operator does by hand: puts documents into Consul KV, asks the desk what is in force.</summary>
internal sealed class ControlPlane(Uri consul, Uri desk) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(3),
    };

    /// <summary>
    /// Puts the shop's own policy documents where nobody has put any. Consul may be slow while a dozen processes start
    /// beside it; what is put only where nothing is can be put again.
    /// </summary>
    public async Task PutPoliciesAsync(CancellationToken cancellationToken)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".json", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var key = "mesh/" + name.Replace('\\', '/')[..^".json".Length];
            var document = await reader.ReadToEndAsync(cancellationToken);
            while (!await TryPutNewAsync(key, document, cancellationToken))
            {
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    public async Task PutAsync(string key, string document, bool onlyNew, CancellationToken cancellationToken)
    {
        var uri = new Uri(consul, $"/v1/kv/{key}{(onlyNew ? "?cas=0" : "")}");
        using var content = new StringContent(document, Encoding.UTF8);
        using var answer = await _client.PutAsync(uri, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<string?> GetAsync(string key, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync(new Uri(consul, $"/v1/kv/{key}?raw"), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        using var answer = await _client.DeleteAsync(new Uri(consul, $"/v1/kv/{key}"), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The desk's list of documents, or <see langword="null"/> while it is away.</summary>
    public async Task<JsonElement?> PoliciesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetFromJsonAsync<JsonElement>(new Uri(desk, "/v1/policies"), cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The instances of a service that are well, by Consul; <see langword="null"/> while it is away.</summary>
    public async Task<IReadOnlyList<string>?> PassingAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _client.GetFromJsonAsync<JsonElement>(
                new Uri(consul, $"/v1/health/service/{service}?passing=1"), cancellationToken);
            return [.. answer.EnumerateArray().Select(i => i.GetProperty("Service").GetProperty("ID").GetString()!)];
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits until an edge answers a request of each kind, so that the load measures a running shop.</summary>
    public async Task WaitUntilReadyAsync(IReadOnlyList<int> webPorts, CancellationToken cancellationToken)
    {
        foreach (var port in webPorts)
        {
            while (!await AnswersAsync(port, cancellationToken))
            {
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>False when there was no answer.</summary>
    private async Task<bool> TryPutNewAsync(string key, string document, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(key, document, onlyNew: true, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException { StatusCode: null } or TaskCanceledException &&
            !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            var edge = $"http://127.0.0.1:{port}";
            using var shown = await _client.GetAsync($"{edge}/products/tea", cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{edge}/checkout")
            {
                Content = new StringContent(
                    $$"""{"id":"warm-up-{{port}}","product":"tea","quantity":1}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("Idempotency-Key", $"warm-up-{port}");
            using var booked = await _client.SendAsync(request, cancellationToken);
            return shown.IsSuccessStatusCode && booked.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
