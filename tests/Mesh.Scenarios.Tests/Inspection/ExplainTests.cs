using System.Text.Json;
using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Inspection;

/// <summary>At three in the morning one command says why.</summary>
public sealed class ExplainTests(ITestOutputHelper output)
{
    private const string Question = "/mesh/explain?url=http://greeter/hello/world";

    [Fact]
    public Task Explain_WhileACalleeIsFrozen_NamesItAndWhyItIsOut() => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutPolicyAsync("greeter", """
            {
              "schema": 1,
              "timeout": { "total": "4s", "attempt": "500ms" },
              "outlier": { "consecutive": 3 },
              "balance": { "algorithm": "round-robin" }
            }
            """);
        await s.StartCalleeAsync("one");
        await s.StartCalleeAsync("two");
        var victim = await s.StartCalleeAsync("three");
        var hello = await s.StartProcessAsync(Scenario.Caller, "hello-1");
        using var http = new HttpClient { BaseAddress = hello.Address };
        await EventuallyAsync(http, text => Lines(text, "candidate").Length == 3 && text.Contains("round-robin"));
        var healthy = await http.GetStringAsync(Question);
        Assert.Empty(Lines(healthy, "out"));
        Assert.Contains("call 4 s, attempt 500 ms", healthy, StringComparison.Ordinal);

        victim.Freeze();
        var text = await EventuallyAsync(http, text => Lines(text, "out").Length > 0);

        var line = Assert.Single(Lines(text, "out"));
        Assert.Contains(
            $"three 127.0.0.1:{victim.Address.Port} ejected: calls failed", line, StringComparison.Ordinal);
        Assert.Contains("then one call tries it", line, StringComparison.Ordinal);
        Assert.Equal(2, Lines(text, "candidate").Length);
        output.WriteLine(text);

        var endpoint = Endpoints(await http.GetStringAsync("/mesh?upstream=greeter"))
            .Single(e => e.GetProperty("id").GetString()!.EndsWith("three", StringComparison.Ordinal));
        Assert.Equal("ejected", endpoint.GetProperty("state").GetString());
        Assert.Equal(MeshReasons.ConsecutiveFailures, endpoint.GetProperty("reason").GetString());
        Assert.InRange(endpoint.GetProperty("leftSeconds").GetDouble(), 0.1, 36.1);
        victim.Thaw();
    });

    /// <summary>Calls go on, and what is told of the next one changes.</summary>
    private static async Task<string> EventuallyAsync(HttpClient http, Func<string, bool> condition)
    {
        var text = "";
        await Eventually.TrueAsync(
            async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => http.GetStringAsync("/")));
                text = await http.GetStringAsync(Question);
                return condition(text);
            },
            "the explanation to show it");
        return text;
    }

    private static string[] Lines(string text, string label) =>
        [.. text.Split('\n').Where(l => l.TrimStart().StartsWith(label + " ", StringComparison.Ordinal))];

    private static List<JsonElement> Endpoints(string mesh)
    {
        using var document = JsonDocument.Parse(mesh);
        return [.. document.RootElement.Clone().GetProperty("upstreams")[0].GetProperty("endpoints").EnumerateArray()];
    }
}
