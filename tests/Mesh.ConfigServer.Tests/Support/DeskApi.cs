using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Support;

/// <summary>What authors ask of a desk.</summary>
internal static class DeskApi
{
    public static Task<(HttpStatusCode Status, JsonElement Body)> WriteAsync(
        this TestDesk desk, string key, string body, string query = "", params (string Name, string Value)[] headers) =>
        SendAsync(desk, HttpMethod.Put, $"/v1/documents/{key}{query}", body, headers);

    public static Task<(HttpStatusCode Status, JsonElement Body)> RollbackAsync(
        this TestDesk desk, string key, string body, params (string Name, string Value)[] headers) =>
        SendAsync(desk, HttpMethod.Post, $"/v1/documents/{key}/rollback", body, headers);

    public static Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(this TestDesk desk, string path) =>
        SendAsync(desk, HttpMethod.Get, path, null);

    /// <summary>Writes to KV as any tool does, and waits until the revision is in the history.</summary>
    public static async Task<PolicyRevision> PutRecordedAsync(this TestDesk desk, string key, string body)
    {
        var hash = PolicyRevision.HashOf(Encoding.UTF8.GetBytes(body));
        await desk.PutAsync(key, body);
        return await desk.RecordedAsync(key, hash);
    }

    /// <summary>Waits until what is in force is in the history.</summary>
    public static async Task<PolicyRevision> RecordedAsync(this TestDesk desk, string key, string hash)
    {
        var entry = await AspNetCore.Tests.Support.Eventually.GetAsync<object>(
            async () => (await desk.HistoryAsync(key)).Where(e =>
                    e.GetProperty("inForce").GetBoolean() &&
                    e.GetProperty("revision").GetProperty("hash").GetString() == hash)
                .Select(e => (object)e).FirstOrDefault(),
            $"{key} {hash} in the history", desk.Log.Text);
        return ((JsonElement)entry).GetProperty("revision").Deserialize(MeshWireJson.Default.PolicyRevision)!;
    }

    public static async Task<JsonElement[]> HistoryAsync(this TestDesk desk, string key) =>
        [.. (await desk.GetAsync($"/v1/documents/{key}/history")).Body.GetProperty("entries").EnumerateArray()];

    public static async Task ReportAsync(this TestDesk desk, ClientReport report)
    {
        using var answer = await desk.Http.PutAsJsonAsync(
            $"/v1/clients/{report.Instance}", report, MeshWireJson.Default.ClientReport);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A client as this version reports itself.</summary>
    public static ClientReport Client(string instance) => new()
    {
        Instance = instance,
        Service = "web",
        Version = "1.4",
        Library = "0.1.0",
        StartedAt = DateTimeOffset.UnixEpoch,
        Source = PolicySource.Desk,
        Upstreams = ["orders"],
        Understands = PolicyVocabulary.Of([]),
    };

    /// <summary>A client that does not know some of the language.</summary>
    public static ClientReport Older(string instance, params string[] missing) => Client(instance) with
    {
        Library = "0.0.9",
        Understands = new ClientVocabulary
        {
            Schema = 1,
            Terms = [.. PolicyVocabulary.Of([]).Terms.Except(missing)],
        },
    };

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        TestDesk desk, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await desk.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }
}
