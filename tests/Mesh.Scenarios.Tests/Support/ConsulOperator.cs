using System.Net;
using System.Text;
using System.Text.Json;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>What a person does to Consul with curl.</summary>
internal sealed class ConsulOperator(Uri address, string? token = null) : IDisposable
{
    private readonly HttpClient _client = Create(address, token);

    /// <summary>
    /// Endpoints take turns: where a test asks who was used. By load, which is the default, one whose calls were slow
    /// for a moment has little to do for a while.
    /// </summary>
    public Task PutRoundRobinAsync(string service) =>
        PutPolicyAsync(service, """{ "schema": 1, "balance": { "algorithm": "round-robin" } }""");

    public Task PutPolicyAsync(string service, string document) =>
        PutAsync($"/v1/kv/mesh/policy/services/{service}", document);

    public Task PutSecurityAsync(string service, string document) =>
        PutAsync($"/v1/kv/mesh/security/services/{service}", document);

    public Task PutSwitchAsync(string service, string document) =>
        PutAsync($"/v1/kv/mesh/switches/services/{service}", document);

    /// <summary>
    /// Registers an endpoint on this machine, with a passing TTL check and the metadata of a member when asked for.
    /// </summary>
    public async Task RegisterAsync(
        string service, string id, int port, string? version = null, bool check = false, bool member = false)
    {
        var meta = member ? """{"mesh-schema":"1","mesh-protocols":"http1"}"""
            : version is null ? "{}" : $$"""{"version":"{{version}}"}""";
        var checks = check ? ""","Check":{"TTL":"300s","Status":"passing"}""" : "";
        await PutAsync(
            "/v1/agent/service/register",
            $$"""
            {"ID":"{{id}}","Name":"{{service}}","Address":"127.0.0.1","Port":{{port}},"Meta":{{meta}}{{checks}}}
            """);
    }

    /// <summary>Registers an endpoint on this machine under a node that has no agent.</summary>
    public Task RegisterOnNodeAsync(string node, string service, string id, int port, string version) => PutAsync(
        "/v1/catalog/register",
        $$"""
        {"Node":"{{node}}","Address":"127.0.0.1","Service":
          {"ID":"{{id}}","Service":"{{service}}","Address":"127.0.0.1","Port":{{port}},"Meta":{"version":"{{version}}"} } }
        """);

    /// <summary>
    /// Registers a service with a place for Consul's proxy in front of it, healthy as the service is.
    /// </summary>
    public Task RegisterWithSidecarAsync(string service, string id, int port, int proxyPort) => PutAsync(
        "/v1/agent/service/register",
        $$"""
        {"ID":"{{id}}","Name":"{{service}}","Address":"127.0.0.1","Port":{{port}},
         "Connect":{"SidecarService":{"Port":{{proxyPort}},"Address":"127.0.0.1",
           "Checks":[{"Name":"alias","AliasService":"{{id}}"}] } } }
        """);

    /// <summary>Registers something that says it is Consul's proxy for a service.</summary>
    public Task RegisterSidecarAsync(string service, string id, int port) => PutAsync(
        "/v1/agent/service/register",
        $$"""
        {"ID":"{{id}}","Name":"{{id}}","Kind":"connect-proxy","Address":"127.0.0.1","Port":{{port}},
         "Proxy":{"DestinationServiceName":"{{service}}"} }
        """);

    /// <summary>Says who may call whom; a name may be <c>*</c>.</summary>
    public async Task PutIntentionAsync(string source, string destination, bool allow)
    {
        var body = $$"""
            {"SourceName":"{{source}}","DestinationName":"{{destination}}","Action":"{{(allow ? "allow" : "deny")}}"}
            """;
        var known = await FindIntentionAsync(source, destination);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = known is null
            ? await _client.PostAsync("/v1/connect/intentions", content)
            : await _client.PutAsync($"/v1/connect/intentions/{known}", content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task DeleteIntentionAsync(string source, string destination)
    {
        var known = await FindIntentionAsync(source, destination);
        using var answer = await _client.DeleteAsync($"/v1/connect/intentions/{known}");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string?> FindIntentionAsync(string source, string destination)
    {
        using var all = JsonDocument.Parse(await _client.GetStringAsync("/v1/connect/intentions"));
        return all.RootElement.EnumerateArray()
            .Where(i => i.GetProperty("SourceName").GetString() == source &&
                        i.GetProperty("DestinationName").GetString() == destination)
            .Select(i => i.GetProperty("ID").GetString())
            .SingleOrDefault();
    }

    /// <summary>What the agent itself thinks of a check, whatever the catalog says.</summary>
    public async Task<string?> AgentCheckAsync(string id)
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync("/v1/agent/checks"));
        return document.RootElement.TryGetProperty($"service:{id}", out var check)
            ? check.GetProperty("Status").GetString()
            : null;
    }

    public Task DeregisterAsync(string id) => PutAsync($"/v1/agent/service/deregister/{id}", "");

    public Task FailCheckAsync(string id) => PutAsync($"/v1/agent/check/fail/service:{id}", "");

    public Task PassCheckAsync(string id) => PutAsync($"/v1/agent/check/pass/service:{id}", "");

    public Task SetMaintenanceAsync(string id, bool on) =>
        PutAsync($"/v1/agent/service/maintenance/{id}?enable={(on ? "true" : "false")}", "");

    /// <summary>The keys below a prefix.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(string prefix)
    {
        using var answer = await _client.GetAsync($"/v1/kv/{prefix}?keys");
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return [];
        }

        using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        return [.. document.RootElement.EnumerateArray().Select(e => e.GetString()!)];
    }

    /// <summary>The instances of a service that Consul lists, well or not.</summary>
    public async Task<IReadOnlyList<string>> InstancesAsync(string service)
    {
        using var answer = await _client.GetAsync($"/v1/health/service/{service}");
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return [];
        }

        using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        return [.. document.RootElement.EnumerateArray()
            .Select(e => e.GetProperty("Service").GetProperty("ID").GetString()!)];
    }

    public void Dispose() => _client.Dispose();

    private static HttpClient Create(Uri address, string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(10),
        };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Add("X-Consul-Token", token);
        }

        return client;
    }

    private async Task PutAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _client.PutAsync(path, content);
        Assert.True(
            answer.IsSuccessStatusCode, $"PUT {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
