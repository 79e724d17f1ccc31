using System.Threading;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>What reaches connections that are open, with a clock of the test's.</summary>
public sealed class DoorWatchTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CurrentIdentity _identity = new();
    private readonly OwnPolicy _policy = new("orders");
    private readonly DoorConnections _connections = new();
    private readonly TestAuthority _authority = new();
    private readonly DoorWatch _watch;

    public DoorWatchTests()
    {
        _watch = Watch(NullLogger<DoorWatch>.Instance);
        _identity.Set(Identities.Of(_authority, "orders"));
        _watch.StartAsync(CancellationToken.None);
    }

    [Fact]
    public async Task RootThatIsGone_ClosesItsConnections_SpreadOverTime()
    {
        var old = Enumerable.Range(0, 20).Select(_ => Open(_identity.Current!)).ToArray();
        using var next = new TestAuthority();
        _identity.Set(Identities.Of(next.Issue("orders"), next, _authority));
        var newer = Open(_identity.Current!);
        Assert.DoesNotContain(old, c => c.IsAsked);

        _identity.Set(Identities.Of(next, "orders"));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return old.Count(c => c.IsAsked) >= 5;
            },
            "the first ones");
        Assert.Contains(old, c => !c.IsAsked);

        // The newer one too: it was verified while the old root was trusted, and nobody knows by which.
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(500));
                return newer.IsAsked && old.All(c => c.IsAsked);
            },
            "all of them");
    }

    [Fact]
    public void PeerWhoseCertificateEnded_IsAskedToComeBack()
    {
        var (soon, later) = (
            Open(_identity.Current!, _time.GetUtcNow().AddMinutes(1)),
            Open(_identity.Current!, _time.GetUtcNow().AddHours(1)));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(soon.IsAsked);

        _time.Advance(TimeSpan.FromSeconds(17));

        Assert.True(soon.IsAsked);
        Assert.False(later.IsAsked);
    }

    [Fact]
    public void PeerWhoseCertificateEnded_IsAskedOnce_HoweverLongItsRequestTakes()
    {
        var soon = Open(_identity.Current!, _time.GetUtcNow().AddMinutes(1));

        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(1, soon.Asked);
    }

    [Fact]
    public void LoggerThatThrows_OnATimersThread_EndsNothing()
    {
        _watch.Dispose();
        using var watch = Watch(new ThrowingLogger<DoorWatch>());
        watch.StartAsync(CancellationToken.None);
        var soon = Open(_identity.Current!, _time.GetUtcNow().AddMinutes(1));

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(soon.IsAsked);
    }

    [Fact]
    public async Task AfterTheEnd_NothingIsWatched()
    {
        var open = Open(null);
        await _watch.StopAsync(CancellationToken.None);

        _policy.Demand(InboundTls.Strict);

        Assert.False(open.IsAsked);
    }

    [Fact]
    public void Strict_AsksWhoProvedNothing()
    {
        var (nobody, member) = (Open(null), Open(_identity.Current));

        _policy.Demand(InboundTls.Strict);

        Assert.True(nobody.IsAsked);
        Assert.False(member.IsAsked);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _authority.Dispose();
    }

    private DoorWatch Watch(ILogger<DoorWatch> logger)
    {
        var instruments = new DoorInstruments(Keepers.Instruments());
        var keeper = new DoorKeeper(
            _identity, _policy, new PeerVerifier(_time), new IdentityPaths(), _connections, instruments,
            Options.Create(new MeshServerOptions()), _time, NullLogger<DoorKeeper>.Instance);
        return new DoorWatch(
            keeper, _policy, _identity, new SlowBodies(_time), instruments, _time, new Random(1), logger);
    }

    private Lifetime Open(MeshIdentity? verifiedWith, DateTimeOffset? until = null)
    {
        var lifetime = new Lifetime();
        _connections.Add(new DoorConnection(verifiedWith is null ? DoorKind.Plaintext : DoorKind.Tls, "https")
        {
            Lifetime = lifetime,
            Peer = verifiedWith is null
                ? null
                : new MeshPeer(verifiedWith.Id, "web", verifiedWith, until ?? DateTimeOffset.MaxValue),
        });
        return lifetime;
    }

    private sealed class Lifetime : IConnectionLifetimeNotificationFeature
    {
        public bool IsAsked => Asked > 0;

        public int Asked { get; private set; }

        public CancellationToken ConnectionClosedRequested { get; set; }

        public void RequestClose() => Asked++;
    }
}
