using System.Text.Json;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>What an operator asks the desk.</summary>
internal sealed class DeskClient(Uri address) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };

    /// <summary>Everything under a path, as JSON.</summary>
    public async Task<JsonElement> GetAsync(string path) =>
        JsonDocument.Parse(await _client.GetStringAsync(path)).RootElement.Clone();

    public async Task<string> HashAsync() => (await GetAsync("/v1/policies")).GetProperty("hash").GetString()!;

    /// <summary>Waits until a document is what it is said to be, and returns its entry of the list.</summary>
    public async Task<JsonElement> DocumentAsync(string key, string state)
    {
        JsonElement? found = null;
        await Eventually.TrueAsync(
            async () =>
            {
                found = (await GetAsync("/v1/policies")).GetProperty("documents").EnumerateArray()
                    .Where(d => d.GetProperty("key").GetString() == key && d.GetProperty("state").GetString() == state)
                    .Select(d => (JsonElement?)d).SingleOrDefault();
                return found is not null;
            },
            $"{key} to be {state}");
        return found!.Value;
    }

    public void Dispose() => _client.Dispose();
}
