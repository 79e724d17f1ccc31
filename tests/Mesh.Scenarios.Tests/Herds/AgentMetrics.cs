using System.Text.Json;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>What an agent counts itself.</summary>
internal static class AgentMetrics
{
    /// <summary>HTTP requests that ended within the last whole interval of ten seconds.</summary>
    public static async Task<int> RequestsAsync(ConsulAgent agent)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-Consul-Token", agent.ManagementToken);
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(agent.Address, "/v1/agent/metrics")));
        return document.RootElement.GetProperty("Samples").EnumerateArray()
            .Where(s => s.GetProperty("Name").GetString()!.StartsWith("consul.http.", StringComparison.Ordinal))
            .Sum(s => s.GetProperty("Count").GetInt32());
    }
}
