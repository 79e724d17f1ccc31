using Mesh.Client;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>A process that only calls: finds <c>orders</c>, and obeys its policy.</summary>
internal sealed class ClientWork(MeshCaller caller) : IRoleWork
{
    public IReadOnlyList<string> Names { get; } = ["calls", "policy"];

    public static async Task<IRoleWork> StartAsync(RuleBench bench, string token) => new ClientWork(
        await MeshCaller.StartAsync(options =>
        {
            options.Service = "caller";
            options.Consul.Address = bench.Consul.Address.ToString();
            options.Consul.Token = token;
            options.Snapshot.Enabled = false;
            options.Upstreams["orders"] = new MeshUpstreamOptions();
        }));

    public async Task<bool> WorksAsync(string name) =>
        name == "calls" ? await CallsAsync(caller.Client) : caller.Count(MeshTelemetry.PolicyUpdates, "applied") > 0;

    public async Task<string> SaidAsync() => (await caller.ReadinessAsync()).Description + "\n" + caller.Log;

    public ValueTask DisposeAsync() => caller.DisposeAsync();

    /// <summary>A call of <c>orders</c> is answered.</summary>
    public static async Task<bool> CallsAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("http://orders/"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
