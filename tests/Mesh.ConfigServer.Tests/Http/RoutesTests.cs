using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Http;

[Collection(ConsulCollection.Name)]
public sealed class RoutesTests(ConsulCollection.Agent agent)
{
    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Validate_SaysEverything_AndChangesNothing()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        var key = PolicyKey.TrafficTo($"unheard-{Guid.NewGuid():N}"[..16]);

        var good = await ValidateAsync(desk, key, Texts.Attempts3);
        Assert.True(good.Accepted);
        Assert.Equal(PolicyRevision.HashOf(Encoding.UTF8.GetBytes(Texts.Attempts3)), good.Hash);

        var bad = await ValidateAsync(desk, key, Texts.TwoMistakes);
        Assert.False(bad.Accepted);
        Assert.Equal(2, bad.Problems.Count);

        // The catalog is asked as well: nobody serves v1 or v2.
        var empty = await ValidateAsync(desk, key, Texts.Canary);
        Assert.False(empty.Accepted);
        Assert.All(empty.Problems, p => Assert.Equal(DangerCodes.EmptySubset, p.Code));

        var switches = await ValidateAsync(desk, PolicyKey.GlobalSwitches, """{ "off": ["gravity"] }""");
        Assert.True(switches.Accepted);
        Assert.Single(switches.Ignored);
        Assert.Null(await desk.FindAsync(key.ToString()));
    }

    [Fact]
    public async Task Validate_OfWhatIsNoRequest_IsABadRequest()
    {
        await using var desk = await TestDesk.StartAsync(_consul);

        using var answer = await desk.Http.PostAsync(
            "/v1/validate", new StringContent("""{"schema":1,"key":"nonsense","body":"{}"}"""));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("/schema/policy.json", "retry")]
    [InlineData("/schema/switches.json", "off")]
    public async Task Schema_IsServed(string path, string property)
    {
        await using var desk = await TestDesk.StartAsync(_consul);

        var schema = JsonDocument.Parse(await desk.Http.GetStringAsync(path)).RootElement;

        Assert.True(schema.GetProperty("properties").TryGetProperty(property, out _));
    }

    [Fact]
    public async Task Page_LoadsNothingFromElsewhere()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        using var page = await desk.Http.GetAsync("/");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var links = Regex.Matches(html, "(?:src|href)=\"([^\"]+)\"").Select(m => m.Groups[1].Value).Where(l => l != "data:,").ToArray();
        Assert.Equal(["page.css", "page.js"], links.Order());
        foreach (var link in links)
        {
            var text = await desk.Http.GetStringAsync(link);
            Assert.DoesNotContain("://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }
    }

    private static async Task<ValidateResponse> ValidateAsync(TestDesk desk, PolicyKey key, string body)
    {
        using var answer = await desk.Http.PostAsJsonAsync(
            "/v1/validate", new ValidateRequest { Key = key, Body = body }, MeshWireJson.Default.ValidateRequest);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(MeshWireJson.Default.ValidateResponse))!;
    }
}
