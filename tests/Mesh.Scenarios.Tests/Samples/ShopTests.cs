using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Samples;

/// <summary>The shop runs with one command, and all of its services speak mTLS without having been told to.</summary>
public sealed class ShopTests
{
    private static readonly string[] MeshEdges =
        ["orders -> inventory", "orders -> payments", "web -> inventory", "web -> orders"];

    [Fact]
    public async Task Shop_ForAWhile_EndsWellAndReports()
    {
        var (exitCode, line) = await RunAsync("--for", "20s", "--rate", "60");
        using var report = JsonDocument.Parse(line);
        var root = report.RootElement;
        Assert.True(exitCode == 0, line);
        Assert.InRange(root.GetProperty("requests").GetInt64(), 1_000, 1_300);
        Assert.Equal(0, root.GetProperty("failed").GetInt64());
        Assert.Equal(0, root.GetProperty("duplicates").GetInt64());
        Assert.True(root.GetProperty("retries").GetInt64() >= 0);
        Assert.True(root.GetProperty("ejections").GetInt64() >= 0);
        Assert.NotEmpty(root.GetProperty("policyRevision").GetString()!);
        Assert.NotEmpty(root.GetProperty("consul").GetString()!);
        Assert.True(root.GetProperty("edges").GetArrayLength() >= 4, line);
        Assert.All(
            root.GetProperty("edges").EnumerateArray(),
            e => Assert.True(e.GetProperty("seenByCallee").GetInt64() > 0, line));
        AssertMtls(root.GetProperty("mtls"), line);
        Save("shop", root);
    }

    [Fact]
    public async Task Shop_WithoutMtls_IsCaughtByTheRelays()
    {
        var (exitCode, line) = await RunAsync("--for", "3s", "--rate", "60", "--without", "mtls");
        using var report = JsonDocument.Parse(line);
        var mtls = report.RootElement.GetProperty("mtls");
        Assert.True(exitCode == 1, line);
        Assert.True(mtls.GetProperty("violations").GetInt64() > 0, line);
        Assert.True(mtls.GetProperty("canaries").GetInt64() > 0, line);
        Assert.Empty(mtls.GetProperty("peers").EnumerateArray());
        Assert.Equal(0, report.RootElement.GetProperty("failed").GetInt64());
        Save("shop-without-mtls", report.RootElement);
    }

    private static void AssertMtls(JsonElement mtls, string line)
    {
        var edges = mtls.GetProperty("edges").EnumerateArray().ToList();
        Assert.Equal(MeshEdges, edges.Select(e => e.GetProperty("edge").GetString()!).Order());
        Assert.All(edges, edge =>
        {
            var caller = edge.GetProperty("edge").GetString()!.Split(' ')[0];
            Assert.EndsWith($"/svc/{caller}", edge.GetProperty("peer").GetString(), StringComparison.Ordinal);
            Assert.True(edge.GetProperty("requests").GetInt64() > 0, line);
            Assert.Equal(edge.GetProperty("requests").GetInt64(), edge.GetProperty("verified").GetInt64());
        });
        Assert.Equal(3, mtls.GetProperty("relays").GetArrayLength());
        Assert.All(
            mtls.GetProperty("relays").EnumerateArray(),
            relay => Assert.True(relay.GetProperty("records").GetInt64() > 0, line));
        Assert.Equal(0, mtls.GetProperty("violations").GetInt64());
        Assert.Equal(0, mtls.GetProperty("canaries").GetInt64());
    }

    private static async Task<(int ExitCode, string Line)> RunAsync(params string[] arguments)
    {
        var (exitCode, text) = await Command.TryRunAsync(
            AppContext.BaseDirectory, TimeSpan.FromMinutes(3),
            "dotnet", [ServiceProcess.Built("samples/Shop.Host/Shop.Host"), .. arguments, "--json"]);
        var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(l => l.StartsWith('{'));
        Assert.True(line is not null, text);
        return (exitCode, line);
    }

    private static void Save(string name, JsonElement report)
    {
        var result = new JsonObject { ["name"] = name };
        foreach (var figure in (string[])["requests", "failed", "duplicates", "mtls"])
        {
            result[figure] = JsonNode.Parse(report.GetProperty(figure).GetRawText());
        }

        Results.Save(name, result);
    }
}
