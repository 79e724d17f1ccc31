using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>
/// The config server: shows documents, keeps their history, checks them against the catalog, and registers itself.
/// </summary>
internal sealed class DeskWork(
    RuleBench bench, ServiceProcess process, string service, IReadOnlyList<string> others, string folder) : IRoleWork
{
    private readonly HttpClient _client = new() { BaseAddress = process.Address };

    public IReadOnlyList<string> Names { get; } = ["documents", "history", "subsets", "registration"];

    public static async Task<IRoleWork> StartAsync(RuleBench bench, string token)
    {
        var others = await bench.Operator.InstancesAsync("mesh-desk");
        var service = $"desk-{Guid.NewGuid():N}";
        await bench.Operator.PutPolicyAsync(service, RuleBench.Policy);
        var folder = Directory.CreateTempSubdirectory("mesh-desk-").FullName;
        var environment = new Dictionary<string, string>
        {
            ["CONSUL_HTTP_ADDR"] = bench.Consul.Address.ToString(),
            ["CONSUL_HTTP_TOKEN"] = token,
            ["Desk__DataFolder"] = folder,
            ["Logging__LogLevel__Mesh"] = "Information",
        };
        var process = await ServiceProcess.StartAsync(Scenario.Desk, "desk", environment);
        return new DeskWork(bench, process, service, others, folder);
    }

    public async Task<bool> WorksAsync(string name) => name switch
    {
        "documents" => (await GetAsync("/v1/policies")).Contains($"policy/services/{service}", StringComparison.Ordinal),
        "history" => (await bench.Operator.KeysAsync($"mesh-history/policy/services/{service}/")).Count > 0,
        "subsets" => await RefusesSplitToNowhereAsync(),
        _ => (await bench.Operator.InstancesAsync("mesh-desk")).Except(others).Any(),
    };

    public Task<string> SaidAsync() => Task.FromResult(process.Log);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await process.TerminateAsync();
        await process.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<string> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<bool> RefusesSplitToNowhereAsync()
    {
        using var body = JsonContent.Create(
            new { schema = 1, key = "policy/services/orders", body = Splits.Between(v1: 50, v2: 50) });
        using var answer = await _client.PostAsync("/v1/validate", body);
        using var verdict = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return !verdict.RootElement.GetProperty("accepted").GetBoolean();
    }
}
