using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Policies;

/// <summary>Who answers as the desk has to prove it, on real sockets.</summary>
public sealed class DeskTrustTests : IDisposable
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");

    private readonly TestAuthority _authority = new();
    private readonly CurrentIdentity _identity = new();
    private readonly List<IDisposable> _made = [];

    public DeskTrustTests() => _made.Add(_authority);

    public void Dispose()
    {
        foreach (var made in _made)
        {
            made.Dispose();
        }
    }

    [Fact]
    public async Task NamedHttps_ThatProvesToBeTheDesk_IsUsed_AndSeesWhoCalls()
    {
        Identify();
        await using var desk = await DeskAsync(Certificate("mesh-desk"));
        await using var bench = Named(desk);

        Govern(bench);

        await TotalBecomesAsync(bench, 2);
        await Eventually.BecomesAsync(() => !desk.Reports.IsEmpty, () => "No report came.");
        Assert.All(desk.Callers, caller => Assert.Equal(_authority.IdOf("web"), caller));
    }

    [Fact]
    public async Task NamedHttps_BeforeTheIdentityIsThere_IsUsedOnceItIs()
    {
        await using var desk = await DeskAsync(Certificate("mesh-desk"));
        await using var bench = Named(desk);
        Govern(bench);
        await Eventually.BecomesAsync(() => bench.Logs.Of(2006).Any(), () => "Nothing was said of the loss.");
        Assert.Empty(desk.Streams);

        Identify();

        await TotalBecomesAsync(bench, 2);
    }

    [Fact]
    public async Task NamedHttp_IsUsedAsWritten_WithAnIdentityToo()
    {
        Identify();
        await using var desk = await DeskAsync(certificate: null);
        await using var bench = Named(desk);

        Govern(bench);

        await TotalBecomesAsync(bench, 2);
    }

    [Theory]
    [InlineData(Lie.OtherService)]
    [InlineData(Lie.OtherDatacenter)]
    [InlineData(Lie.OtherAuthority)]
    [InlineData(Lie.SelfSigned)]
    [InlineData(Lie.NoId)]
    public async Task NamedHttps_ThatProvesSomethingElse_IsNeverAsked(Lie lie)
    {
        Identify();
        await using var desk = await DeskAsync(Certificate(lie));
        await using var bench = Named(desk);

        Govern(bench);

        await Eventually.BecomesAsync(
            () => bench.Logs.Of(2006).Any() && desk.Handshakes >= 3, () => "It was not tried more than once.");
        Assert.Empty(desk.Streams);
        Assert.Empty(desk.Reports);
    }

    [Fact]
    public async Task Listed_ThatProvesToBeTheDesk_TakesOverFromKv()
    {
        Identify();
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await DeskAsync(Certificate("mesh-desk"));
        await using var bench = new FeedBench(agent, trust: Trust());
        await ListAsync(bench, desk, tls: "permissive");

        Govern(bench);

        await TotalBecomesAsync(bench, 2);
        Assert.Equal(PolicySource.Desk, bench.Policies.Status.Source);
    }

    [Theory]
    [InlineData(Lie.OtherService, "permissive")]
    [InlineData(Lie.SelfSigned, "strict")]
    [InlineData(Lie.OtherAuthority, "permissive")]
    [InlineData(Lie.Plaintext, "permissive")]
    [InlineData(Lie.Plaintext, null)]
    public async Task Listed_ThatProvesNothing_IsNeverAsked_AndKvGoesOn(Lie lie, string? tls)
    {
        Identify();
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await DeskAsync(lie == Lie.Plaintext ? null : Certificate(lie));
        await using var bench = new FeedBench(agent, trust: Trust());
        await ListAsync(bench, desk, tls);
        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "7s" } }""");

        Govern(bench);

        await TotalBecomesAsync(bench, 7);
        if (tls is not null)
        {
            await Eventually.BecomesAsync(() => bench.Logs.Of(2035).Any(), () => "Nothing was said of the desk.");
        }

        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "8s" } }""");
        await TotalBecomesAsync(bench, 8);
        Assert.Equal(PolicySource.Kv, bench.Policies.Status.Source);
        Assert.Empty(desk.Streams);
        Assert.Empty(desk.Reports);
    }

    [Fact]
    public async Task Listed_BeforeTheIdentityIsThere_TakesOverWhenItIs()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await DeskAsync(Certificate("mesh-desk"));
        await using var bench = new FeedBench(agent, trust: Trust());
        await ListAsync(bench, desk, tls: "strict");
        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "7s" } }""");
        Govern(bench);
        await TotalBecomesAsync(bench, 7);
        Assert.Empty(desk.Streams);

        Identify();

        await Eventually.BecomesAsync(() => !desk.Streams.IsEmpty, () => "The desk was not asked.");
    }

    [Fact]
    public async Task Listed_AMomentAfterItWasLookedFor_IsFoundSoon()
    {
        Identify();
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await DeskAsync(Certificate("mesh-desk"));
        await using var bench = new FeedBench(agent, trust: Trust());
        Govern(bench);
        await Eventually.BecomesAsync(
            () => bench.Policies.Status.Source == PolicySource.Kv, () => "KV, which is read where no desk was found, is not.");

        await ListAsync(bench, desk, tls: "strict");

        await TotalBecomesAsync(bench, 2);
        Assert.Equal(PolicySource.Desk, bench.Policies.Status.Source);
    }

    /// <summary>What a certificate may be that is not the desk's.</summary>
    public enum Lie
    {
        OtherService,
        OtherDatacenter,
        OtherAuthority,
        SelfSigned,
        NoId,
        Plaintext,
    }

    private void Identify() => _identity.Set(MeshIdentity.Create(
        Certificate("web").Leaf,
        [],
        new Dictionary<string, X509Certificate2Collection> { [_authority.TrustDomain] = _authority.Roots() }));

    private DeskTrust Trust() => new(_identity, new PeerVerifier(TimeProvider.System), new IdentityPaths());

    private TestCertificate Certificate(string service) => Made(_authority.Issue(service));

    private TestCertificate Certificate(Lie lie) => lie switch
    {
        Lie.OtherService => Certificate("orders"),
        Lie.OtherDatacenter => Made(_authority.Issue("mesh-desk", "dc2")),
        Lie.OtherAuthority => Made(Made(new TestAuthority(_authority.TrustDomain)).Issue("mesh-desk")),
        Lie.SelfSigned => Made(_authority.Issue(
            new TestCertificateOptions { Uris = [_authority.IdOf("mesh-desk")], SelfSigned = true })),
        _ => Made(_authority.Issue(new TestCertificateOptions { Uris = [], DnsNames = ["localhost"] })),
    };

    private T Made<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }

    private static async Task<FakeDesk> DeskAsync(TestCertificate? certificate) =>
        (await FakeDesk.StartAsync(certificate: certificate)).Holding(FakeDesk.Document(
            Orders, 5, """{ "schema": 1, "timeout": { "total": "2s" } }"""));

    private FeedBench Named(FakeDesk desk) => new(
        null,
        options =>
        {
            options.ConfigServer = desk.Address;
            options.Discovery.UseConsul = false;
        },
        trust: Trust());

    private static Task ListAsync(FeedBench bench, FakeDesk desk, string? tls) => bench.RegisterAsync(
        "desk", new Uri(desk.Address).Port, DeskFinder.DeskService, registration => registration with
        {
            Meta = tls is null
                ? new Dictionary<string, string>()
                : new Dictionary<string, string>
                {
                    [MeshMetadata.Schema] = "1", [MeshMetadata.Protocols] = "h1,h2", [MeshMetadata.Tls] = tls,
                },
        });

    private static void Govern(FeedBench bench)
    {
        bench.Govern("orders");
        bench.GiveEndpoint("orders");
    }

    private static Task TotalBecomesAsync(FeedBench bench, int seconds) => bench.PolicyBecomesAsync(
        upstream => upstream.Runtime!.Policy.Routes[^1].Timeout.Total == TimeSpan.FromSeconds(seconds));
}
