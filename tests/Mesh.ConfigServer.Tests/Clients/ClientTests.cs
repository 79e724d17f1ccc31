using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Clients;

[Collection(ConsulCollection.Name)]
public sealed class ClientTests(ConsulCollection.Agent agent)
{
    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Report_IsShown_TheNewestOfEachInstance()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(desk, Report("web-1")));
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(desk, Report("api-1") with { Service = "api" }));
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(desk, Report("web-1") with { Hash = "new" }));

        var list = await ListAsync(desk);

        Assert.Equal(["api-1", "web-1"], list.Clients.Select(c => c.Report.Instance));
        Assert.Equal("new", list.Clients[1].Report.Hash);
    }

    [Fact]
    public async Task Silent_IsForgotten()
    {
        await using var desk = await TestDesk.StartAsync(_consul, ["Desk:ClientExpiry=00:00:01"]);
        await PutAsync(desk, Report("web-1"));
        Assert.Single((await ListAsync(desk)).Clients);

        await Eventually.TrueAsync(async () => (await ListAsync(desk)).Clients.Count == 0, "the client to expire", desk.Log.Text);
    }

    [Fact]
    public async Task TooOften_IsRefused_ForThatInstanceAlone()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
        {
            answers.Add(await PutAsync(desk, Report("web-1")));
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.True(answers.Count(a => a == HttpStatusCode.NoContent) >= 10, string.Join(' ', answers));
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(desk, Report("web-2")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TooLarge_IsRefused(bool chunked)
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        var text = JsonSerializer.Serialize(
            Report("web-1") with { Node = new string('n', 70_000) }, MeshWireJson.Default.ClientReport);
        using HttpContent content = chunked
            ? new StreamContent(new Chunks(Encoding.UTF8.GetBytes(text)))
            : new StringContent(text, Encoding.UTF8, "application/json");

        using var answer = await desk.Http.PutAsync("/v1/clients/web-1", content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty((await ListAsync(desk)).Clients);
    }

    [Fact]
    public async Task TooMany_AreRefused_WhileKnownOnesGoOn()
    {
        await using var desk = await TestDesk.StartAsync(_consul, ["Desk:MaxClients=1"]);
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(desk, Report("web-1")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PutAsync(desk, Report("web-2")));

        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(desk, Report("web-1")));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"schema":9,"instance":"web-1","service":"web","library":"1","startedAt":"2026-01-01T00:00:00Z","source":"kv"}""")]
    [InlineData("""{"schema":1,"instance":"web-2","service":"web","library":"1","startedAt":"2026-01-01T00:00:00Z","source":"kv"}""")]
    public async Task Unreadable_IsRefusedWithAReason(string body)
    {
        await using var desk = await TestDesk.StartAsync(_consul);

        using var answer = await desk.Http.PutAsync(
            "/v1/clients/web-1", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    private static ClientReport Report(string instance) => new()
    {
        Instance = instance,
        Service = "web",
        Library = "0.1.0",
        StartedAt = DateTimeOffset.UnixEpoch,
        Source = PolicySource.Desk,
    };

    private static async Task<HttpStatusCode> PutAsync(TestDesk desk, ClientReport report)
    {
        using var answer = await desk.Http.PutAsJsonAsync(
            $"/v1/clients/{report.Instance}", report, MeshWireJson.Default.ClientReport);
        return answer.StatusCode;
    }

    private static async Task<ClientListWire> ListAsync(TestDesk desk) =>
        (await desk.Http.GetFromJsonAsync("/v1/clients", MeshWireJson.Default.ClientListWire))!;

    /// <summary>A body of unknown length.</summary>
    private sealed class Chunks(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
