using System.Text.Json;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Samples;

/// <summary>The shop runs with one command.</summary>
public sealed class ShopTests
{
    [Fact]
    public async Task Shop_ForAWhile_EndsWellAndReports()
    {
        var text = await Command.RunAsync(
            AppContext.BaseDirectory, TimeSpan.FromMinutes(3),
            "dotnet", ServiceProcess.Built("samples/Shop.Host/Shop.Host"),
            "--for", "20s", "--rate", "60", "--json");

        var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(l => l.StartsWith('{'));
        using var report = JsonDocument.Parse(line);
        var root = report.RootElement;
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
    }
}
