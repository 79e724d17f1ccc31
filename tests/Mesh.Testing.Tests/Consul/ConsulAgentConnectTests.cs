using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Mesh.Testing.Tests.Consul;

public sealed class ConsulAgentConnectTests
{
    private const string Roots = "/v1/agent/connect/ca/roots";

    [Fact]
    public async Task Agent_WithoutConnect_HasNoAuthority()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var http = Client.For(agent);

        Assert.Equal(HttpStatusCode.InternalServerError, (await http.GetAsync(Roots)).StatusCode);
        await Assert.ThrowsAsync<InvalidOperationException>(() => agent.RotateRootAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Root_Rotated_IsFollowedByAnother_AndStaysListed(bool acl)
    {
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true, AclDefaultDeny = acl });
        using var http = Client.For(agent);
        var before = await ActiveAsync(http);

        await agent.RotateRootAsync();

        var after = await http.GetFromJsonAsync<JsonElement>(Roots);
        for (var i = 0; i < 100 && Active(after) == before; i++)
        {
            await Task.Delay(50);
            after = await http.GetFromJsonAsync<JsonElement>(Roots);
        }

        Assert.NotEqual(before, Active(after));
        Assert.Contains(
            before, after.GetProperty("Roots").EnumerateArray().Select(r => r.GetProperty("ID").GetString()));
    }

    private static async Task<string> ActiveAsync(HttpClient http) =>
        Active(await http.GetFromJsonAsync<JsonElement>(Roots));

    private static string Active(JsonElement roots) => roots.GetProperty("ActiveRootID").GetString()!;
}
