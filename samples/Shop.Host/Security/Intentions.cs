using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Host.Security;

/// <summary>What an operator does with intentions: who may call whom, by Consul's own API, the one that every version has.</summary>
internal sealed class Intentions(Uri consul) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = consul };

    /// <summary>Whether Consul has a CA of its own, so that services get identities.</summary>
    public async Task<bool> HasConnectAsync(CancellationToken cancellationToken)
    {
        using var roots = await _client.GetAsync(new Uri("/v1/connect/ca/roots", UriKind.Relative), cancellationToken);
        return roots.IsSuccessStatusCode;
    }

    /// <returns>The intention's ID.</returns>
    public async Task<string> DenyAsync(string caller, string callee, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(Body(caller, callee, "deny"));
        using var answer = await _client.PostAsync(
            new Uri("/v1/connect/intentions", UriKind.Relative), content, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return (string)body!["ID"]!;
    }

    public async Task AllowAsync(string id, string caller, string callee, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(Body(caller, callee, "allow"));
        using var answer = await _client.PutAsync(
            new Uri($"/v1/connect/intentions/{id}", UriKind.Relative), content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await _client.DeleteAsync(
            new Uri($"/v1/connect/intentions/{id}", UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();

    private static JsonObject Body(string caller, string callee, string action) => new()
    {
        ["SourceName"] = caller, ["DestinationName"] = callee, ["SourceType"] = "consul", ["Action"] = action,
    };
}
