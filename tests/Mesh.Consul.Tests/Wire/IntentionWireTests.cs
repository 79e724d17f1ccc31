namespace Mesh.Consul.Tests;

/// <summary>Answers about intentions as newer agents give them, and odd ones.</summary>
public sealed class IntentionWireTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Index_ToldByTheAgent_IsTaken_AndNothingElseIsAsked()
    {
        var asked = new List<string>();
        await using var consul = await FakeConsul.StartAsync(async context =>
        {
            asked.Add(context.Request.QueryString.Value!);
            context.Response.Headers["X-Consul-Index"] = "9";
            await context.Response.Body.WriteAsync("""{"api":null}"""u8.ToArray());
        });
        using var client = consul.Client();

        var answer = await client.GetIntentionsToAsync(
            "api", new ConsulQuery { Index = 7, Wait = TimeSpan.FromMinutes(1) }, None);

        Assert.Equal((9UL, 0), (answer.Index, answer.Value.Length));
        Assert.StartsWith("?by=destination&name=api&index=7&wait=", Assert.Single(asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Index_NotTold_IsReadBeforeWhatItStandsFor()
    {
        var asked = new List<string>();
        await using var consul = await FakeConsul.StartAsync(async context =>
        {
            asked.Add(context.Request.Path.Value!.Split('/')[^1]);
            if (asked[^1] == "intentions")
            {
                context.Response.Headers["X-Consul-Index"] = "12";
                await context.Response.Body.WriteAsync("[]"u8.ToArray());
            }
            else
            {
                await context.Response.Body.WriteAsync(
                    """{"api":[{"SourceName":"web","DestinationName":"api","Action":"allow"}]}"""u8.ToArray());
            }
        });
        using var client = consul.Client();

        var first = await client.GetIntentionsToAsync("api", ConsulQuery.None, None);
        var same = await client.GetIntentionsToAsync(
            "api", new ConsulQuery { Index = 12, Wait = TimeSpan.FromSeconds(1) }, None);

        Assert.Equal((12UL, 12UL, 1), (first.Index, same.Index, first.Value.Length));
        Assert.Equal(["match", "intentions", "match", "match", "intentions"], asked);
    }

    [Theory]
    [InlineData("""{"Action":"allow"}""", false, true)]
    [InlineData("""{"Action":"Allow"}""", false, false)]
    [InlineData("""{"Action":"perhaps"}""", false, false)]
    [InlineData("""{"HTTP":{"PathExact":"/"}}""", false, false)]
    [InlineData("""{"Action":"allow","HTTP":{"PathExact":"/","Methods":null,"Header":[null]}}""", false, true)]
    [InlineData("""{"Action":"allow","TCP":{}}""", true, true)]
    [InlineData("""{"Action":"allow","HTTP":{"Query":{}}}""", true, true)]
    [InlineData("""{"Action":"allow","HTTP":{"Header":[{"Name":"x","Length":3}]}}""", true, true)]
    public async Task Permission_WithWhatIsNotKnown_SaysSo_AndAWordNotKnownIsADenial(
        string json, bool unknown, bool allows)
    {
        await using var consul = await FakeConsul.StartAsync(
            $$"""{"api":[null,{"SourceName":"web","DestinationName":"api","Permissions":[null,{{json}}]}]}""");
        using var client = consul.Client();

        var intention = Assert.Single((await client.GetIntentionsToAsync("api", ConsulQuery.None, None)).Value);

        var permission = Assert.Single(intention.Permissions);
        Assert.Equal((unknown, allows), (permission.IsUnknown, permission.Action == IntentionAction.Allow));
        Assert.Equal(IntentionAction.Deny, intention.Action);
    }

    [Fact]
    public async Task Intention_OfAPeerWithTokens_IsReadInFull()
    {
        await using var consul = await FakeConsul.StartAsync(
            """
            {"api":[{"SourceName":"web","SourceNS":"","SourcePartition":"p1","SourcePeer":"cloud","DestinationNS":"default",
              "DestinationName":"api","SourceSamenessGroup":"g","ModifyIndex":3,
              "JWT":{"Providers":[{"Name":"okta","VerifyClaims":[{"Path":["a","b"],"Value":"c"}]}]}}]}
            """);
        using var client = consul.Client();

        var intention = Assert.Single((await client.GetIntentionsToAsync("api", ConsulQuery.None, None)).Value);

        Assert.Equal(
            ("web", "default", "p1", "cloud", "g", 3UL),
            (intention.SourceName, intention.SourceNamespace, intention.SourcePartition, intention.SourcePeer,
             intention.SourceSamenessGroup, intention.ModifyIndex));
        var provider = Assert.Single(intention.TokenProviders!);
        var claim = Assert.Single(provider.Claims);
        Assert.Equal(("okta", "c"), (provider.Name, claim.Value));
        Assert.Equal(["a", "b"], claim.Path);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task Check_WithoutAVerdict_IsAnError(string body)
    {
        await using var consul = await FakeConsul.StartAsync(body);
        using var client = consul.Client();

        await Assert.ThrowsAsync<ConsulException>(() => client.CheckIntentionAsync("web", "api", None));
    }
}
