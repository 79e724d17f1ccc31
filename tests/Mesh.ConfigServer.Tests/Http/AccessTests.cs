using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Tests.Http;

[Collection(ConsulCollection.Name)]
public sealed class AccessTests(ConsulCollection.Agent agent)
{
    private const string Token = "a-token-of-twenty-one";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Token_IsWantedForEverythingButProbes()
    {
        await using var desk = await TestDesk.StartAsync(_consul, [$"Desk:Token={Token}"]);
        await desk.ReadyAsync();
        string[] closed =
            ["/v1/policies", "/v1/policies/stream", "/v1/clients", "/schema/policy.json", "/", "/nowhere", "/healthz/x"];
        foreach (var path in closed)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(desk, path, null));
            Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(desk, path, new("Bearer", Token + "x")));
            Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(desk, path, new("Bearer", Token[..^1])));
        }

        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk, "/healthz", null));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk, "/readyz", null));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk, "/v1/policies", new("Bearer", Token)));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk, "/", Basic("anybody:" + Token)));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(desk, "/", Basic("anybody:else")));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(desk, "/", new("Basic", "%%%")));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(desk, "/", new("Digest", Token)));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://127.0.0.1:0;http://[::]:0")]
    public void OpenAddress_WithoutAToken_IsRefusedBeforeListening(string urls)
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => TestDesk.Build([$"--Desk:Urls={urls}", $"--Desk:Consul:Address={_consul}"]));

        Assert.Contains("Desk:Token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAddress_PastTheSettings_IsRefusedToo()
    {
        var (app, _) = TestDesk.Build(
            ["--Kestrel:Endpoints:Open:Url=http://0.0.0.0:0", $"--Desk:Consul:Address={_consul}", "--Desk:Register=false"]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains("Desk:Token", error.Message, StringComparison.Ordinal);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task OpenAddress_WithAToken_IsFine()
    {
        var (app, _) = TestDesk.Build(
            ["--Desk:Urls=http://0.0.0.0:0", $"--Desk:Token={Token}", $"--Desk:Consul:Address={_consul}", "--Desk:Register=false"]);

        await app.StartAsync();

        await app.StopAsync();
        await app.DisposeAsync();
    }

    [Fact]
    public void Settings_ThatMakeNoSense_AreAllNamed()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => TestDesk.Build(["--Desk:Token=short", "--Desk:Mesh=a/b", "--Desk:Heartbeat=00:10:00"]));

        Assert.Equal(3, error.Failures.Count());
    }

    private static AuthenticationHeaderValue Basic(string pair) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));

    private static async Task<HttpStatusCode> GetAsync(TestDesk desk, string path, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = authorization;
        using var answer = await desk.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
