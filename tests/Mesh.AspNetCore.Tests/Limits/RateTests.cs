using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Limits;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class RateTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly InboundMeters _meters = new();
    private readonly OwnPolicy _policy = new("web");
    private readonly InboundLimits _limits;
    private int _served;

    public RateTests() => _limits =
        new InboundLimits(_policy, _time, _meters.Instruments, NullLogger<InboundLimits>.Instance);

    public void Dispose()
    {
        _limits.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Rate_UsedUp_IsRefusedUntilThereIsAToken()
    {
        Apply(Rule("calls", permits: 2, seconds: 10));

        var first = await SendAsync("shop");
        await SendAsync("shop");
        var third = await SendAsync("shop");

        Assert.Equal((200, 429), (first.StatusCode, third.StatusCode));
        Assert.Equal("\"calls\";q=2;w=10", first.Headers["RateLimit-Policy"]);
        Assert.Equal("\"calls\";r=1;t=5", first.Headers["RateLimit"]);
        Assert.Equal("\"calls\";r=0;t=10", third.Headers["RateLimit"]);
        Assert.Equal("5", third.Headers.RetryAfter);
        Assert.Equal(MeshReasons.RateLimited, third.Headers[MeshHeaders.Reason]);
        Assert.Equal(2, _served);
        Assert.Equal(1, _meters.Decisions("refuse", MeshReasons.RateLimited, "calls"));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await SendAsync("shop")).StatusCode);
    }

    [Fact]
    public async Task GrpcCall_IsRefusedByItsOwnStatus()
    {
        Apply(Rule("calls", permits: 1));
        await SendAsync("shop");

        var refused = await SendAsync("shop", edit: r => r.ContentType = "application/grpc+proto");

        Assert.Equal(200, refused.StatusCode);
        Assert.Equal("8", refused.Headers["grpc-status"]);
        Assert.Equal("60", refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Callers_HaveBucketsOfTheirOwn_AndNobodyDrawsOnAProvedNameBySayingIt()
    {
        Apply(Rule("calls", permits: 1));

        Assert.Equal(200, (await SendAsync("shop")).StatusCode);
        Assert.Equal(200, (await SendAsync("cart")).StatusCode);
        Assert.Equal(200, (await SendAsync("shop", proved: true)).StatusCode);
        Assert.Equal(200, (await SendAsync(null)).StatusCode);
        Assert.Equal(429, (await SendAsync("shop")).StatusCode);
        Assert.Equal(429, (await SendAsync("shop", proved: true)).StatusCode);
        Assert.Equal(429, (await SendAsync(null)).StatusCode);
    }

    [Fact]
    public async Task RuleForAllCallers_HasOneBucket()
    {
        Apply(Rule("calls", permits: 1) with { PerCaller = false });

        Assert.Equal(200, (await SendAsync("shop")).StatusCode);
        Assert.Equal(429, (await SendAsync("cart", proved: true)).StatusCode);
    }

    [Theory]
    [InlineData("POST", "/orders", true)]
    [InlineData("POST", "/orders/7", true)]
    [InlineData("POST", "/ORDERS/", true)]
    [InlineData("GET", "/orders", false)]
    [InlineData("POST", "/ordersheet", false)]
    public async Task Rule_LimitsWhatItMatches(string method, string path, bool limited)
    {
        Apply(Rule("writes", permits: 1) with
        {
            Match = new MatchRule { Methods = ["POST"], Paths = [new StringMatch(StringMatchKind.Prefix, "/orders")] },
        });
        void Edit(HttpRequest request) => (request.Method, request.Path) = (method, path);

        var first = await SendAsync("shop", Edit);
        var second = await SendAsync("shop", Edit);

        Assert.Equal(limited ? 429 : 200, second.StatusCode);
        Assert.Equal(limited, first.Headers.ContainsKey("RateLimit"));
    }

    [Fact]
    public async Task ShadowRule_OnlyCounts()
    {
        Apply(Rule("calls", permits: 1) with { Shadow = true });

        await SendAsync("shop");
        var second = await SendAsync("shop");

        Assert.Equal(200, second.StatusCode);
        Assert.False(second.Headers.ContainsKey("RateLimit"));
        Assert.Equal(1, _meters.Decisions("would_refuse", MeshReasons.RateLimited, "calls"));
        Assert.Equal(0, _meters.Decisions("refuse", MeshReasons.RateLimited));
    }

    [Fact]
    public async Task SeveralRules_AllMustGrant_AndARefusalCostsNoOtherRuleAToken()
    {
        Apply(Rule("many", permits: 10), Rule("few", permits: 1));

        var first = await SendAsync("shop");
        await SendAsync("shop");
        var third = await SendAsync("shop");

        Assert.Equal("\"many\";r=9;t=6, \"few\";r=0;t=60", first.Headers["RateLimit"]);
        Assert.Equal("\"many\";q=10;w=60, \"few\";q=1;w=60", first.Headers["RateLimit-Policy"]);
        Assert.Equal(429, third.StatusCode);
        Assert.Equal(9, _limits.Rates[0].BucketOf(null, "shop").Available);
    }

    [Fact]
    public async Task PolicyChange_KeepsTheBucketsOfWhatStayed()
    {
        Apply(Rule("calls", permits: 1), Rule("other", permits: 1));
        await SendAsync("shop");

        Apply(Rule("new", permits: 5), Rule("calls", permits: 1) with { Match = new MatchRule { Methods = ["GET"] } });
        Assert.Equal(429, (await SendAsync("shop")).StatusCode);

        Apply(Rule("calls", permits: 2));
        Assert.Equal(200, (await SendAsync("shop")).StatusCode);
        Apply();
        Assert.Equal(200, (await SendAsync("shop")).StatusCode);
    }

    [Fact]
    public async Task HealthCheck_IsNeverLimited()
    {
        Apply(Rule("calls", permits: 1) with { PerCaller = false });
        await SendAsync(null);

        Assert.Equal(200, (await SendAsync(null, r => r.Path = "/healthz")).StatusCode);
        Assert.Equal(429, (await SendAsync(null)).StatusCode);
    }

    private static RateRule Rule(string name, int permits, int seconds = 60) => new()
    {
        Name = name, Permits = permits, Window = TimeSpan.FromSeconds(seconds), Burst = permits,
    };

    private void Apply(params RateRule[] rules) => _policy.Put(new InboundPolicy { Rates = rules });

    private async Task<HttpResponse> SendAsync(string? caller, Action<HttpRequest>? edit = null, bool proved = false)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        context.Request.Method = "GET";
        context.Request.Path = "/";
        edit?.Invoke(context.Request);
        if (caller is not null && proved)
        {
            context.Features.Set<IMeshPeerFeature>(new Peer(caller));
        }
        else if (caller is not null)
        {
            context.Request.Headers[MeshHeaders.Caller] = caller;
        }

        var exemptions = new LimitExemptions(Options.Create(new MeshServerOptions()));
        var rate = new RateMiddleware(
            _ =>
            {
                _served++;
                return Task.CompletedTask;
            },
            _limits, exemptions, _meters.Instruments);
        await new InboundMiddleware(
            rate.InvokeAsync, new DrainState(), new CallerMembership(Keepers.Create()), _meters.Instruments, _limits,
            _time)
            .InvokeAsync(context);
        return context.Response;
    }

    private sealed record Peer(string? Service) : IMeshPeerFeature
    {
        public SpiffeId Id { get; } = null!;
    }
}
