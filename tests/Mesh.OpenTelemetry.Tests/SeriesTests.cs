using Mesh.OpenTelemetry.Tests.Support;

namespace Mesh.OpenTelemetry.Tests;

/// <summary>Whatever users make up, the number of series stays bounded.</summary>
public sealed class SeriesTests
{
    private const int Limit = 500;

    [Fact]
    public async Task Flood_OfPathsMethodsServicesAndHosts_LeavesBoundedSeries_AndRealOnesVisible()
    {
        await using var service = await TestProcess.StartAsync(
            "front",
            ("Mesh__UnknownServices", "Fail"),
            ("Mesh__Discovery__FirstAnswerTimeout", "100ms"),
            ("Mesh__Upstreams__back__Endpoints__0", "127.0.0.1:1"),
            ("Logging__LogLevel__Default", "Error"));
        using var client = new HttpClient { BaseAddress = service.Address };

        await ManyAsync(10_000, i => client.GetAsync($"/random-{i}/of?q={i}"));
        await ManyAsync(1_000, i => client.SendAsync(new HttpRequestMessage(new HttpMethod($"M{i}"), "/items/1")));
        await ManyAsync(1_000, i => client.GetAsync($"/call?method=GET&url=http://made-up-{i}/"));
        await ManyAsync(1_000, i => client.GetAsync($"/call?method=GET&url=http://127.1.{i / 250}.{1 + (i % 250)}:1/"));
        using (await client.GetAsync("/call?method=GET&url=http://back/"))
        {
        }

        var samples = (await client.GetStringAsync("/metrics")).Split('\n').Where(l => l.Length > 0 && l[0] != '#').ToArray();

        var families = samples.GroupBy(l => l[..l.IndexOf('{', StringComparison.Ordinal)]).ToDictionary(g => g.Key, g => g.Count());
        Assert.All(families.Where(f => !f.Key.EndsWith("_bucket", StringComparison.Ordinal)), f =>
            Assert.True(f.Value <= Limit + 2, $"{f.Key} has {f.Value} series."));
        Assert.InRange(families["http_server_request_duration_seconds_count"], 3, 20);
        Assert.InRange(families["http_client_request_duration_seconds_count"], 100, Limit + 2);
        Assert.InRange(samples.Length, 100, 25_000);
        Assert.Contains(samples, l => l.Contains("otel_metric_overflow=\"true\"", StringComparison.Ordinal));
        Assert.DoesNotContain(samples, l => l.Contains("random-", StringComparison.Ordinal));
        Assert.DoesNotContain(samples, l => l.Contains("M999", StringComparison.Ordinal));
        Assert.Contains(samples, l =>
            l.StartsWith("mesh_endpoints{", StringComparison.Ordinal) && l.Contains("mesh_service=\"back\"", StringComparison.Ordinal));
        Assert.DoesNotContain(samples, l =>
            l.StartsWith("mesh_endpoints{", StringComparison.Ordinal) && l.Contains("made-up", StringComparison.Ordinal));
    }

    private static Task ManyAsync(int count, Func<int, Task<HttpResponseMessage>> send) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = 16 },
        async (i, _) =>
        {
            using var response = await send(i);
        });
}
