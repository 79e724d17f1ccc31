using System.Net;
using System.Text;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Clients;

/// <summary>Reports that are written to harm: whoever may report may not spoil what others are told.</summary>
[Collection(AspNetCore.Tests.Support.ConsulCollection.Name)]
public sealed class HostileReportTests(AspNetCore.Tests.Support.ConsulCollection.Agent agent)
{
    private const string Head = "\"schema\":1,\"instance\":\"x\",\"service\":\"orders\",\"library\":\"1\",\"startedAt\":\"2026-01-01T00:00:00Z\",\"source\":\"kv\"";
    private const string Door = "\"tls\":\"permissive\",\"intentions\":\"shadow\",\"since\":\"2026-01-01T00:00:00Z\"";
    private const string Strict = """{ "schema": 1, "inbound": { "tls": "strict" } }""";

    [Theory]
    [InlineData("\"upstreams\":[null]")]
    [InlineData("\"understands\":{\"schema\":1,\"terms\":[null]}")]
    [InlineData("\"documents\":[null]")]
    [InlineData("\"documents\":[{\"key\":\"policy/global\",\"revision\":\"dc1@1#abc\",\"state\":\"refused\",\"problems\":[null]}]")]
    [InlineData("\"switches\":[null]")]
    [InlineData("\"switches\":[{\"upstream\":\"web\",\"off\":[null]}]")]
    [InlineData("\"inbound\":{" + Door + ",\"plaintext\":[null]}")]
    [InlineData("\"inbound\":{" + Door + ",\"wouldDeny\":[null]}")]
    [InlineData("\"inbound\":{" + Door + ",\"plaintext\":[{\"caller\":null,\"count\":1,\"lastSeen\":\"2026-01-01T00:00:00Z\"}]}")]
    public async Task Holes_AreRefused(string part)
    {
        await using var desk = await TestDesk.StartAsync(agent.Consul.Address);

        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync(desk, $"{{{Head},{part}}}"));

        await EverythingIsToldAsync(desk);
    }

    [Fact]
    public async Task CountsThatNobodyCanHaveCounted_DoNotStopTheSum()
    {
        await using var desk = await TestDesk.StartAsync(agent.Consul.Address);
        await desk.ReadyAsync();
        var row = $"{{\"caller\":\"web\",\"count\":{long.MaxValue},\"lastSeen\":\"{DateTimeOffset.UtcNow:o}\"}}";

        Assert.Equal(
            HttpStatusCode.NoContent,
            await PutAsync(desk, $"{{{Head},\"inbound\":{{{Door},\"plaintext\":[{row},{row}]}}}}"));

        await EverythingIsToldAsync(desk);
        var (status, answer) = await desk.WriteAsync("security/services/orders", Strict);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("callers-would-break", answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task LongNames_AreKeptAsOthers()
    {
        await using var desk = await TestDesk.StartAsync(agent.Consul.Address);
        var (long1, now) = (new string('n', 20_000), DateTimeOffset.UtcNow.ToString("o"));

        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(
            desk,
            $"{{{Head},\"inbound\":{{{Door},\"wouldDeny\":[" +
            $"{{\"caller\":\"{long1}\",\"rule\":\"{long1}\",\"count\":1,\"lastSeen\":\"{now}\"}}]}}}}"));

        var (_, doors) = await desk.GetAsync("/v1/doors");
        Assert.Contains("others", doors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("nnnnnnnnnn", doors.ToString(), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> PutAsync(TestDesk desk, string body)
    {
        using var answer = await desk.Http.PutAsync(
            "/v1/clients/x", new StringContent(body, Encoding.UTF8, "application/json"));
        return answer.StatusCode;
    }

    private static async Task EverythingIsToldAsync(TestDesk desk)
    {
        foreach (var path in (string[])["/v1/doors", "/v1/clients"])
        {
            Assert.Equal(HttpStatusCode.OK, (await desk.GetAsync(path)).Status);
        }
    }
}
