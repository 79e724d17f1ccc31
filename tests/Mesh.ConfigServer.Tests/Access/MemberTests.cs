using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;

namespace Mesh.ConfigServer.Tests.Access;

/// <summary>The desk on its one port: TLS of the mesh for members, the token for people.</summary>
[Collection(ConsulCollection.Name)]
public sealed class MemberTests(ConsulCollection.Agent agent) : IDisposable
{
    private const string Token = "a-token-of-24-characters";
    private const string Strict = """{ "schema": 1, "inbound": { "tls": "strict" } }""";
    private const string Permissive = """{ "schema": 1, "inbound": { "tls": "permissive" } }""";

    private readonly Uri _consul = agent.Consul.Address;
    private readonly DeskIdentity _identity = new();

    public void Dispose() => _identity.Dispose();

    [Fact]
    public async Task Member_WithoutToken_ReadsAndReports_AndWritesNothing()
    {
        await using var desk = await StartAsync();
        var member = _identity.Member(desk);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(member, "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(member, "/v1/doors"));
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(member, "web"));
        Assert.Equal(HttpStatusCode.OK, (await member.PostAsync(
            "/v1/validate", new StringContent("""{ "schema": 1, "key": "policy/services/orders", "body": "{}" }"""))).StatusCode);
        var write = await member.PutAsync("/v1/documents/policy/services/orders", new StringContent(Texts.Attempts3));
        Assert.Equal(HttpStatusCode.Unauthorized, write.StatusCode);
        Assert.Contains("Members of the mesh may read and report", await write.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await member.PostAsync(
            "/v1/documents/policy/services/orders/rollback", new StringContent("""{ "by": "ana" }"""))).StatusCode);

        member.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await member.PutAsync(
            "/v1/documents/policy/services/orders", new StringContent(Texts.Attempts3))).StatusCode);
    }

    [Fact]
    public async Task Unregistered_WithACertificateInFiles_IsBehindItsDoorToo()
    {
        using var folder = new TemporaryFolder();
        var (leaf, key) = (Path.Combine(folder.Path, "leaf.pem"), Path.Combine(folder.Path, "key.pem"));
        var roots = Path.Combine(folder.Path, "roots.pem");
        using var certificate = _identity.Authority.Issue("mesh-desk");
        certificate.WriteTo(leaf, key);
        await File.WriteAllTextAsync(roots, _identity.Authority.RootPem);
        await using var desk = await TestDesk.StartAsync(
            _consul,
            [
                $"Desk:Token={Token}", "Desk:Register=false", $"Mesh:Identity:CertificateFile={leaf}",
                $"Mesh:Identity:KeyFile={key}", $"Mesh:Identity:RootsFile={roots}",
            ]);
        await desk.ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, await GetAsync(_identity.Member(desk), "/v1/policies"));
    }

    [Fact]
    public async Task Others_NeedTheToken_OverTlsAndPlaintext()
    {
        await using var desk = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(_identity.Nobody(desk), "/v1/policies"));
        using var plain = new HttpClient { BaseAddress = desk.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(plain, "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk.Http, "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(plain, "/healthz"));

        // One of another mesh may prove who it is, and is no member of this one.
        using var partner = new TestAuthority("partner.test");
        _identity.TrustAlso(partner);
        Assert.Equal(
            HttpStatusCode.Unauthorized, await GetAsync(_identity.Member(desk, "web", partner), "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(_identity.Member(desk), "/v1/policies"));

        // A certificate of somebody else's authority is not let in at all.
        using var other = new TestAuthority("mesh.test");
        await Assert.ThrowsAsync<HttpRequestException>(
            () => GetAsync(_identity.Member(desk, "web", other), "/v1/policies"));
    }

    [Fact]
    public async Task Report_OfAnotherService_IsRefused_WhateverElseTheMemberShows()
    {
        await using var desk = await StartAsync();
        var member = _identity.Member(desk, "web");
        member.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);

        Assert.Equal(HttpStatusCode.Forbidden, await ReportAsync(member, "orders"));
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(member, "web"));

        var list = await desk.Http.GetFromJsonAsync("/v1/clients", MeshWireJson.Default.ClientListWire);
        Assert.Equal("web", Assert.Single(list!.Clients).Report.Service);
        Assert.Equal(1, desk.Log.Count(8051));
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(desk.Http, "orders"));
    }

    [Fact]
    public async Task Stream_OfAMember_SaysOfSecurityWhatIsItsOwn()
    {
        await using var desk = await StartAsync();
        await desk.PutAsync("security/global", Permissive);
        await desk.PutAsync("security/services/web", Permissive);
        await desk.PutAsync("security/services/orders", Permissive);
        await desk.PutAsync("policy/services/orders", Texts.Attempts3);
        await desk.WaitAsync("policy/services/orders", PolicyDocumentState.Accepted);
        await desk.WaitAsync("security/services/orders", PolicyDocumentState.Accepted);

        // Whoever it says it is, and whatever it asks for.
        foreach (var query in (string[])["?services=web,orders&caller=web", "?services=web,orders&caller=orders", ""])
        {
            await using var stream = await DeskStream.OpenAsync(_identity.Member(desk, "web"), query);
            var keys = (await stream.NextAsync())!.Documents.Select(d => d.Key.ToString());
            Assert.Equal(["policy/services/orders", "security/global", "security/services/web"], keys.Order(StringComparer.Ordinal));
        }

        await using var unidentified = await DeskStream.OpenAsync(desk.Http, "");
        Assert.Equal(4, (await unidentified.NextAsync())!.Documents.Count);
    }

    [Fact]
    public async Task Document_OfAnothersDoor_IsNotReadByAMember()
    {
        await using var desk = await StartAsync();
        await desk.PutAsync("security/services/web", Permissive);
        await desk.PutAsync("security/services/orders", Permissive);
        await desk.WaitAsync("security/services/web", PolicyDocumentState.Accepted);
        await desk.WaitAsync("security/services/orders", PolicyDocumentState.Accepted);
        var member = _identity.Member(desk, "web");

        Assert.Equal(HttpStatusCode.OK, await GetAsync(member, "/v1/documents/security/services/web"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(member, "/v1/documents/security/services/orders"));
        Assert.Equal(
            HttpStatusCode.Forbidden, await GetAsync(member, "/v1/documents/security/services/orders/history"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk.Http, "/v1/documents/security/services/orders"));

        // Nor in what it adds up to.
        foreach (var (http, service, tells) in ((HttpClient, string, bool)[])
            [(member, "web", true), (member, "orders", false), (desk.Http, "orders", true)])
        {
            var effective = await http.GetFromJsonAsync<JsonElement>($"/v1/policies/{service}");
            Assert.Equal(tells, effective.TryGetProperty("security", out _));
            Assert.Equal(
                tells,
                effective.GetProperty("documents").EnumerateArray()
                    .Any(d => d.GetProperty("key").GetString() == $"security/services/{service}"));
        }
    }

    [Fact]
    public async Task Report_UnderTheNameOfAnothersInstance_TakesNotItsPlace()
    {
        await using var desk = await StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(_identity.Member(desk, "orders"), "orders"));
        var report = DeskApi.Client("orders-1") with { Service = "web" };
        for (var i = 0; i < 20; i++)
        {
            using var answer = await _identity.Member(desk, "web").PutAsJsonAsync(
                "/v1/clients/orders-1", report, MeshWireJson.Default.ClientReport);
        }

        // Neither is it shown, nor does it use up what the other may say.
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(_identity.Member(desk, "orders"), "orders"));
        var list = await desk.Http.GetFromJsonAsync("/v1/clients", MeshWireJson.Default.ClientListWire);
        Assert.Equal(["orders", "web"], list!.Clients.Select(c => c.Report.Service));
    }

    [Fact]
    public async Task OwnDocument_Strict_TakesPlaintextAway_AndIsTakenBack()
    {
        await using var desk = await StartAsync(fromElsewhere: true);
        var member = _identity.Member(desk);

        await desk.PutAsync("security/services/mesh-desk", Strict);

        await Eventually.TrueAsync(
            async () => await GetAsync(desk.Http, "/v1/policies") == HttpStatusCode.Forbidden, "strict to act",
            desk.Log.Text);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(member, "/v1/policies"));

        await desk.PutAsync("security/services/mesh-desk", Permissive);
        await Eventually.TrueAsync(
            async () => await GetAsync(desk.Http, "/v1/policies") == HttpStatusCode.OK, "permissive to act",
            desk.Log.Text);
    }

    [Fact]
    public async Task OwnDocument_Strict_LeavesTheWayInFromItsOwnMachine_WithTheToken()
    {
        await using var desk = await StartAsync();
        await desk.PutAsync("security/services/mesh-desk", Strict);
        await desk.WaitAsync("security/services/mesh-desk", PolicyDocumentState.Accepted);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk.Http, "/v1/policies"));
        using var plain = new HttpClient { BaseAddress = desk.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(plain, "/v1/policies"));
        Assert.Equal("written", (await desk.WriteAsync(
            "security/services/mesh-desk", Permissive)).Body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task OwnDocument_WithRules_SaysWhoMayCome_AndForWhat()
    {
        await using var desk = await StartAsync();
        await desk.PutAsync("security/services/mesh-desk", """
            { "schema": 1, "inbound": { "authorization": { "otherwise": "deny", "rules": [
              { "name": "reports", "action": "allow", "callers": "web", "match": { "path": { "prefix": "/v1/clients" } } },
              { "name": "people", "action": "allow", "callers": "gateway" } ] } } }
            """);
        var (web, stranger) = (_identity.Member(desk, "web"), _identity.Member(desk, "orders"));

        await Eventually.TrueAsync(
            async () => await GetAsync(stranger, "/v1/clients") == HttpStatusCode.Forbidden, "the rules to act",
            desk.Log.Text);
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(web, "web"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(web, "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(_identity.Member(desk, "gateway"), "/v1/policies"));

        // The token opens no door that the rules close.
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var refused = await stranger.GetAsync("/v1/policies");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(MeshReasons.Authorization, refused.Headers.GetValues("mesh-reason").Single());
    }

    [Fact]
    public async Task Token_InPlaintextFromElsewhere_WorksAndIsSaidOnce()
    {
        await using var desk = await StartAsync(fromElsewhere: true);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk.Http, "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(desk.Http, "/v1/policies"));

        Assert.Equal(1, desk.Log.Count(8050));
    }

    [Fact]
    public async Task OwnDocument_IsInForceBeforeTheDoorOpens_AlsoWhileConsulIsAway()
    {
        await using var consul = await ConsulAgent.StartAsync();
        string mesh, folder;
        await using (var first = await StartAsync(consul.Address, fromElsewhere: true))
        {
            (mesh, folder) = (first.Mesh, first.KeepFolder());
            await first.PutAsync("security/services/mesh-desk", Strict);
            await Eventually.TrueAsync(
                async () => await GetAsync(first.Http, "/v1/policies") == HttpStatusCode.Forbidden, "strict",
                first.Log.Text);
        }

        await consul.StopAsync();
        await using var desk = await StartAsync(consul.Address, mesh, folder, fromElsewhere: true);

        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(desk.Http, "/v1/policies"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(_identity.Member(desk), "/v1/policies"));
    }

    private async Task<TestDesk> StartAsync(
        Uri? consul = null, string? mesh = null, string? folder = null, bool fromElsewhere = false)
    {
        var desk = await TestDesk.StartAsync(
            consul ?? _consul, [$"Desk:Token={Token}"], mesh, folder, configure: builder =>
            {
                _identity.AddTo(builder);
                if (fromElsewhere)
                {
                    ComeFromElsewhere(builder);
                }
            });
        desk.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (mesh is null)
        {
            await desk.ReadyAsync();
        }

        return desk;
    }

    /// <summary>What the desk sees of connections is an address that is not its own machine's.</summary>
    private static void ComeFromElsewhere(WebApplicationBuilder builder) =>
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
        {
            connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("203.0.113.7"), 4711);
            return next(connection);
        })));

    private static async Task<HttpStatusCode> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> ReportAsync(HttpClient http, string service)
    {
        var report = DeskApi.Client($"{service}-1") with { Service = service };
        using var answer = await http.PutAsJsonAsync(
            $"/v1/clients/{service}-1", report, MeshWireJson.Default.ClientReport);
        return answer.StatusCode;
    }
}
