using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>Rules of <c>inbound.authorization</c> at the door of a real process, over real TLS.</summary>
public sealed class RulesTests
{
    [Fact]
    public async Task Rules_InOrder_TheFirstThatMatchesDecides()
    {
        await using var app = await DoorApp.StartAsync();
        using var web = app.Member("web");
        using var admin = app.Member("admin");
        app.Rules(
            AuthorizationAction.Deny,
            Guard.Deny("no-exports").From("web").Path(StringMatchKind.Prefix, "/orders/export"),
            Guard.Allow("web-reads").From("web") with
            {
                Match = new MatchRule
                {
                    Methods = ["GET"],
                    Paths = [new StringMatch(StringMatchKind.Prefix, "/orders")],
                },
            },
            Guard.Allow("admins").From("admin"));

        Assert.Equal("200", await AskAsync(web, "/orders/7"));
        Assert.Equal("403 authorization", await AskAsync(web, "/orders/export/all"));
        Assert.Equal("403 authorization", await AskAsync(web, "/orders/7", HttpMethod.Delete));
        Assert.Equal("403 authorization", await AskAsync(web, "/other"));
        Assert.Equal("200", await AskAsync(admin, "/orders/export/all", HttpMethod.Delete));
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("*", true)]
    [InlineData("other", false)]
    [InlineData("we", false)]
    [InlineData("spiffe://mesh.test/ns/default/dc/dc1/svc/web", true)]
    [InlineData("spiffe://mesh.test/ns/default/dc/dc1/svc/*", true)]
    [InlineData("spiffe://mesh.test/ns/default/*", true)]
    [InlineData("spiffe://mesh.test/*", true)]
    [InlineData("spiffe://mesh.test/ns/def/*", false)]
    [InlineData("spiffe://mesh.test/ns/default/dc/dc1/svc/we", false)]
    [InlineData("spiffe://mesh.test/ns/default/dc/dc1/svc/web/*", false)]
    [InlineData("spiffe://mesh.tes/*", false)]
    [InlineData("spiffe://other.test/*", false)]
    public async Task Caller_ByServiceOrId_IsMatchedAsWhole(string caller, bool matches)
    {
        await using var app = await DoorApp.StartAsync();
        using var web = app.Member("web");
        using var plain = app.Plain();
        plain.DefaultRequestHeaders.Add(MeshHeaders.Caller, "web");
        app.Rules(AuthorizationAction.Deny, Guard.Allow("named").From(caller));

        Assert.Equal(matches ? "200" : "403 authorization", await AskAsync(web, "/"));

        // A header names nobody.
        Assert.Equal("403 authorization", await AskAsync(plain, "/"));
    }

    [Fact]
    public async Task Caller_OfAnotherTrustDomain_IsNotTheServiceOfItsName()
    {
        await using var app = await DoorApp.StartAsync();
        using var stranger = new TestAuthority("other.test");
        app.Identify(app.Authority, alsoTrusted: stranger);
        using var certificate = stranger.Issue("web");
        using var web = app.Caller(certificate);
        app.Rules(AuthorizationAction.Deny, Guard.Allow("ours").From("web", "spiffe://mesh.test/*"));

        // Refused by the door already, which trusts each authority for its own domain only; what matters is that nobody
        // gets in.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var answer = await web.GetAsync("/");
            answer.EnsureSuccessStatusCode();
        });
    }

    [Fact]
    public async Task Shadow_Denial_IsCountedByCallerAndRule_AndTheNextRulesAreAsked()
    {
        await using var app = await DoorApp.StartAsync();
        using var counted = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());
        using var web = app.Member("web");
        using var plain = app.Plain();
        plain.DefaultRequestHeaders.Add(MeshHeaders.Caller, "old-batch");
        app.Rules(
            AuthorizationAction.Allow,
            Guard.Deny("trial") with { Shadow = true },
            Guard.Allow("not-in-force").From("web") with { Shadow = true },
            Guard.Deny("no-web").From("web").Path(StringMatchKind.Exact, "/closed"));

        Assert.Equal("200", await AskAsync(web, "/"));
        Assert.Equal("403 authorization", await AskAsync(web, "/closed"));
        Assert.Equal("200", await AskAsync(plain, "/"));

        Assert.Equal(
            [("old-batch", "trial", 1L), ("web", "trial", 2L)],
            app.Ledger().WouldBeDenied().Select(w => (w.Key.Caller, w.Key.Rule, w.Count)).Order());

        // A name that nobody proved is no tag of a metric.
        Assert.Equal(2, counted.Of(MeshTelemetry.InboundDecisions, "would_refuse authorization trial web"));
        Assert.Equal(1, counted.Of(MeshTelemetry.InboundDecisions, "would_refuse authorization trial unidentified"));
        Assert.Equal(1, counted.Of(MeshTelemetry.InboundDecisions, "refuse authorization no-web web"));
        Assert.Equal(1, counted.Of(MeshTelemetry.InboundDecisions, "refuse"));
    }

    [Fact]
    public async Task Conditions_OnHeadersAndQuery_HideNothingAndSlipNothingIn()
    {
        await using var app = await DoorApp.StartAsync();
        using var web = app.Member("web");
        var test = new Dictionary<string, StringMatch> { ["x-role"] = new(StringMatchKind.Exact, "guest") };
        var query = new Dictionary<string, StringMatch> { ["mode"] = new(StringMatchKind.Exact, "raw") };

        app.Rules(AuthorizationAction.Allow, Guard.Deny("no-guests") with { Match = new MatchRule { Headers = test } });
        Assert.Equal("200", await AskAsync(web, "/", headers: ["staff"]));
        Assert.Equal("403 authorization", await AskAsync(web, "/", headers: ["guest"]));
        Assert.Equal("403 authorization", await AskAsync(web, "/", headers: ["staff", "guest"]));

        app.Rules(AuthorizationAction.Deny, Guard.Allow("guests") with { Match = new MatchRule { Headers = test } });
        Assert.Equal("200", await AskAsync(web, "/", headers: ["guest"]));
        Assert.Equal("403 authorization", await AskAsync(web, "/", headers: ["guest", "staff"]));
        Assert.Equal("403 authorization", await AskAsync(web, "/"));

        app.Rules(AuthorizationAction.Allow, Guard.Deny("no-raw") with { Match = new MatchRule { Query = query } });
        foreach (var target in new[] { "/?mode=raw", "/?mode=html&mode=raw", "/?MODE=raw", "/?m%6Fde=r%61w", "/?a=1&mode=raw" })
        {
            Assert.Equal((target, "403 authorization"), (target, await AskAsync(web, target)));
        }

        Assert.Equal("200", await AskAsync(web, "/?mode=html"));
    }

    [Theory]
    [InlineData("/shop.Orders/Get", "/shop.Orders/Get", true)]
    [InlineData("/shop.Orders/Get", "/SHOP.Orders/get", true)]
    [InlineData("/shop.Orders/*", "/shop.Orders/Anything", true)]
    [InlineData("/shop.Orders/*", "/shop.OrdersAdmin/Get", false)]
    [InlineData("/shop.Orders/Get", "/shop.Orders/GetAll", false)]
    public async Task GrpcMethod_Denied_IsAnsweredInTrailersOnly(string method, string path, bool denied)
    {
        await using var app = await DoorApp.StartAsync();
        using var web = app.Member("web", HttpVersion.Version20);
        app.Rules(AuthorizationAction.Allow, Guard.Deny("no-calls") with { GrpcMethods = [method] });
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.Add("content-type", "application/grpc");

        using var answer = await web.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(denied, answer.Headers.Contains("grpc-status"));
        if (denied)
        {
            Assert.Equal("7", answer.Headers.GetValues("grpc-status").Single());
            Assert.Equal("authorization", answer.Headers.GetValues(MeshHeaders.Reason).Single());
            Assert.Equal("application/grpc", answer.Content.Headers.ContentType?.MediaType);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Denial_TellsTheReasonAndNothingOfTheRule_AndTheLogTellsTheRest()
    {
        await using var app = await DoorApp.StartAsync();
        using var web = app.Member("web");
        app.Rules(AuthorizationAction.Allow, Guard.Deny("secret-rule").From("web"));

        using var answer = await web.GetAsync("/private/path?token=abc");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("secret-rule", body + answer.Headers, StringComparison.Ordinal);
        Assert.Single(body.TrimEnd('\n').Split('\n'));
        var line = Assert.Single(app.Log.Lines, l => l.Id.Id == 7200).Text;
        Assert.Contains("Denied GET of web by secret-rule (reason authorization)", line, StringComparison.Ordinal);
        Assert.DoesNotContain("private", line, StringComparison.Ordinal);

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("403 authorization", await AskAsync(web, "/"));
        }

        Assert.InRange(app.Log.Count(7200), 1, 100);
    }

    [Fact]
    public async Task Claims_OfTheEndUser_AreThoseOfTheApplicationsOwnAuthentication_AskedOnce()
    {
        await using var app = await StartWithUsersAsync();
        using var web = app.Member("web");
        app.Rules(
            AuthorizationAction.Deny,
            Guard.Deny("no-guests") with { Claims = Claims("role", "guest") },
            Guard.Allow("ops") with { Claims = Claims("role", "ops", "lead") },
            Guard.Allow("readers") with { Claims = Claims("scope", "orders.read") },
            Guard.Allow("open").Path(StringMatchKind.Exact, "/open"));

        Assert.Equal("403 authorization", await AskAsync(web, "/"));
        Assert.Equal("200", await AskAsync(web, "/", user: "role=ops"));
        Assert.Equal("200", await AskAsync(web, "/", user: "role=lead"));
        Assert.Equal("403 authorization", await AskAsync(web, "/", user: "role=dev"));
        Assert.Equal("403 authorization", await AskAsync(web, "/", user: "role=ops&role=guest"));
        Assert.Equal("200", await AskAsync(web, "/", user: "scope=orders.write orders.read"));
        Assert.Equal("403 authorization", await AskAsync(web, "/", user: "scope=orders.readonly"));
        Assert.Equal("200", await AskAsync(web, "/open"));
        Assert.Equal("403 authorization", await AskAsync(web, "/", user: "throw"));
        Assert.Equal(1, app.Log.Count(7210));

        HeaderUsers.Asked = 0;
        Assert.Equal("200", await AskAsync(web, "/whoami", user: "role=ops"));
        Assert.Equal(1, HeaderUsers.Asked);
    }

    [Fact]
    public async Task Claims_ThatNothingAsksFor_CostNoAuthentication_AndWithoutAnySchemeNobodyHasAny()
    {
        await using (var app = await StartWithUsersAsync())
        {
            using var web = app.Member("web");
            app.Rules(
                AuthorizationAction.Deny,
                Guard.Deny("no-web").From("web"),
                Guard.Allow("ops") with { Claims = Claims("role", "ops") });
            HeaderUsers.Asked = 0;
            Assert.Equal("403 authorization", await AskAsync(web, "/", user: "role=ops"));
            Assert.Equal(0, HeaderUsers.Asked);
        }

        await using (var app = await DoorApp.StartAsync())
        {
            using var web = app.Member("web");
            app.Rules(AuthorizationAction.Deny, Guard.Allow("ops") with { Claims = Claims("role", "ops") });
            Assert.Equal("403 authorization", await AskAsync(web, "/"));
        }
    }

    [Fact]
    public async Task PlainPort_IsNotAsked()
    {
        var port = Ports.Free(1)[0];
        await using var app = await DoorApp.StartAsync(
            urls: $"http://127.0.0.1:0;http://127.0.0.1:{port}",
            build: b => b.Services.Configure<MeshServerOptions>(o => o.PlainPorts.Add(port)));
        app.Rules(AuthorizationAction.Deny);
        using var probe = app.Plain(port: port);
        using var other = app.Plain(port: app.Urls.Single(u => u.Port != port).Port);

        Assert.Equal("200", await AskAsync(probe, "/"));
        Assert.Equal("403 authorization", await AskAsync(other, "/"));
    }

    private static Dictionary<string, IReadOnlyList<string>> Claims(string name, params string[] values) =>
        new() { [name] = values };

    private static Task<DoorApp> StartWithUsersAsync() => DoorApp.StartAsync(
        build: b => b.Services.AddAuthentication("header")
            .AddScheme<AuthenticationSchemeOptions, HeaderUsers>("header", null),
        use: app =>
        {
            app.UseAuthentication();
            app.Run(context => context.Response.WriteAsync(context.User.Identity?.Name ?? "nobody"));
        });

    private static async Task<string> AskAsync(
        HttpClient client, string target, HttpMethod? method = null, string[]? headers = null, string? user = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, target);
        foreach (var value in headers ?? [])
        {
            request.Headers.Add("x-role", value);
        }

        if (user is not null)
        {
            request.Headers.Add("x-user", user);
        }

        using var answer = await client.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK ? "200"
            : $"{(int)answer.StatusCode} {answer.Headers.GetValues(MeshHeaders.Reason).Single()}";
    }

    /// <summary>Believes a header, and counts how often it is asked.</summary>
    private sealed class HeaderUsers(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        public static int Asked { get; set; }

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            Asked++;
            var user = Request.Headers["x-user"].ToString();
            if (user == "throw")
            {
                throw new InvalidOperationException("the users are away");
            }

            if (user.Length == 0)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var claims = user.Split('&').Select(c => c.Split('=')).Select(c => new Claim(c[0], c[1]));
            var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name)));
        }
    }
}
