using System.Security.Claims;
using Mesh.AspNetCore.Authorization;
using Mesh.Client;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>
/// Intentions about requests, as newer Consuls have them, against a committed table: <c>Fixtures/README.md</c>. They
/// are read by the client that reads Consul.
/// </summary>
public sealed class IntentionGoldenTests(IntentionGoldenTests.Documented documented)
    : IClassFixture<IntentionGoldenTests.Documented>
{
    private const string Ours = "mesh.test";
    private const string Theirs = "cloud.test";

    public static TheoryData<string> Rows => [.. File.ReadAllLines(Fixture("intentions-to-api.golden.txt")).Where(l => !l.StartsWith('#'))];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Request_OfTheTable_IsDecidedAsWritten(string row)
    {
        var cells = row.Split(" | ");
        var (caller, request, user) = (Caller(cells[0]), Request(cells[1]), User(cells[2]));

        Assert.Equal(cells[3], Decide(documented.Intentions, caller, request, user, defaultAllows: false));
        Assert.Equal(cells[4], Decide(documented.Intentions, caller, request, user, defaultAllows: true));
    }

    [Fact]
    public void Token_AskedForBeforeTheUserIsKnown_IsSaidToBeNeeded()
    {
        var plan = Plan(documented.Intentions, defaultAllows: false);

        Assert.True(plan.NeedsUser);
        foreach (var (caller, request, kind) in new[]
        {
            ("sso", "GET /any", VerdictKind.NeedsUser),
            ("crm", "GET /admin", VerdictKind.NeedsUser),
            ("crm", "GET /other", VerdictKind.Deny),
            ("batch", "GET /any", VerdictKind.Allow),
        })
        {
            Assert.Equal(kind, plan.Decide(CallerId.Of(Caller(caller)), Request(request), default).Kind);
        }
    }

    [Fact]
    public void Intentions_NotUnderstood_AreNamed() => Assert.Equal(
        ["future -> api", "lookaround -> api"], Plan(documented.Intentions, defaultAllows: true).NotUnderstood.Order());

    [Fact]
    public void Default_NotKnown_Denies()
    {
        var plan = new IntentionPlan([], null, Ours, new Dictionary<string, string>(), IntentionPrecedence.Consul);

        var verdict = plan.Decide(CallerId.Of(Caller("web")), Request("GET /"), default);

        Assert.Equal((VerdictKind.Deny, true), (verdict.Kind, verdict.IsNoMatch));
        Assert.False(plan.AllowsAll);
    }

    [Fact]
    public void Namespace_Other_IsAnotherService()
    {
        var caller = new Peer(new SpiffeId(Ours, "/ns/other/dc/dc1/svc/batch"), "batch");
        var partition = new Peer(new SpiffeId(Ours, "/ap/far/ns/default/dc/dc1/svc/batch"), "batch");

        Assert.Equal(
            "deny", Decide(documented.Intentions, caller, Request("GET /any"), EndUser.Nobody, defaultAllows: true));
        Assert.Equal(
            "deny", Decide(
                documented.Intentions, partition, Request("GET /any"), EndUser.Nobody, defaultAllows: false));
    }

    [Fact]
    public void TrustDomain_ThatNobodyKnows_MatchesNoIntention()
    {
        var stranger = new Peer(new SpiffeId("evil.test", "/ns/default/dc/dc1/svc/batch"), null);

        var verdict = Plan(documented.Intentions, defaultAllows: false)
            .Decide(CallerId.Of(stranger), Request("GET /public"), EndUser.Nobody);

        Assert.Equal((VerdictKind.Deny, true), (verdict.Kind, verdict.IsNoMatch));
    }

    private static string Decide(
        Intention[] intentions, IMeshPeerFeature caller, HttpRequest request, EndUser user, bool defaultAllows) =>
        Plan(intentions, defaultAllows).Decide(CallerId.Of(caller), request, user).Kind.ToString().ToLowerInvariant();

    private static IntentionPlan Plan(Intention[] intentions, bool defaultAllows) => new(
        intentions, defaultAllows, Ours, new Dictionary<string, string> { [Theirs] = "cloud" },
        IntentionPrecedence.Consul);

    private static Peer Caller(string text)
    {
        var isPeer = text.StartsWith("peer:", StringComparison.Ordinal);
        var name = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return new Peer(new SpiffeId(isPeer ? Theirs : Ours, $"/ns/default/dc/dc1/svc/{name}"), isPeer ? null : name);
    }

    private static HttpRequest Request(string text)
    {
        var parts = text.Split(' ');
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Path) = (parts[0], new PathString(parts[1]));
        foreach (var header in parts.Skip(2).Select(p => p.Split('=')))
        {
            request.Headers[header[0]] = StringValues.Concat(request.Headers[header[0]], header[1]);
        }

        return request;
    }

    private static EndUser User(string text) => text == "-"
        ? EndUser.Nobody
        : new EndUser(true, new ClaimsPrincipal(new ClaimsIdentity(
            text.Split(' ').Select(c => c.Split('=')).Select(c => new Claim(c[0], c[1])), "test")));

    private static string Fixture(string name) =>
        Path.Combine(AppContext.BaseDirectory, "Authorization", "Fixtures", name);

    private sealed record Peer(SpiffeId Id, string? Service) : IMeshPeerFeature;

    /// <summary>The fixture as a client of Consul reads it.</summary>
    public sealed class Documented : IAsyncLifetime
    {
        internal Intention[] Intentions { get; private set; } = [];

        public async Task InitializeAsync()
        {
            var body = await File.ReadAllTextAsync(Fixture("intentions-to-api.documented.json"));
            await using var consul = await HttpBackend.StartAsync();
            consul.Respond(BackendAnswer.Status(200, body, ("X-Consul-Index", "44")));
            using var client = new ConsulClient(
                new ConsulClientOptions { Address = $"http://127.0.0.1:{consul.Port}" });
            Intentions = (await client.GetIntentionsToAsync("api", ConsulQuery.None, CancellationToken.None)).Value;
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
