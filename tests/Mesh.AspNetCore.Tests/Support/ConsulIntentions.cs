using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>What an operator says to Consul about who may call whom.</summary>
internal sealed class ConsulIntentions : IDisposable
{
    private const string Path = "/v1/connect/intentions";

    private readonly HttpClient _client;

    public ConsulIntentions(ConsulAgent agent)
    {
        _client = new HttpClient { BaseAddress = agent.Address };
        _client.DefaultRequestHeaders.Add("X-Consul-Token", agent.ManagementToken ?? "");
    }

    public async Task PutAsync(string source, string destination, bool allow)
    {
        var intention = new
        {
            SourceName = source,
            DestinationName = destination,
            Action = allow ? "allow" : "deny",
        };
        using var answer = await FindAsync(source, destination) is { } known
            ? await _client.PutAsJsonAsync($"{Path}/{known}", intention)
            : await _client.PostAsJsonAsync(Path, intention);
        answer.EnsureSuccessStatusCode();
    }

    public async Task DeleteAsync(string source, string destination)
    {
        using var answer = await _client.DeleteAsync($"{Path}/{await FindAsync(source, destination)}");
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();

    private async Task<string?> FindAsync(string source, string destination)
    {
        using var all = JsonDocument.Parse(await _client.GetStringAsync(Path));
        return all.RootElement.EnumerateArray()
            .Where(i => i.GetProperty("SourceName").GetString() == source &&
                        i.GetProperty("DestinationName").GetString() == destination)
            .Select(i => i.GetProperty("ID").GetString())
            .SingleOrDefault();
    }
}
