using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

using static Mesh.Client.Tests.Security.ScriptedIdentitySource;

namespace Mesh.Client.Tests.Security;

public sealed class IdentityKeeperTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestAuthority _authority;
    private readonly KeeperBench _bench;

    public IdentityKeeperTests()
    {
        _authority = new TestAuthority("mesh.test", _time);
        _bench = new KeeperBench(_ => new ScriptedIdentitySource(), _time) { Timers = 1 };
    }

    private IdentityKeeper Keeper => _bench.Keeper;

    public void Dispose()
    {
        _bench.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Offer_Good_IsInForce_AndToldOnce()
    {
        Assert.False(Keeper.FirstAnswer.IsCompleted);
        var leaf = _authority.Issue("web");

        Assert.True(Keeper.Offer(Material(leaf), Roots(_authority)));
        Assert.True(Keeper.Offer(Material(leaf), Roots(_authority)));

        Assert.True(Keeper.FirstAnswer.IsCompletedSuccessfully);
        Assert.Equal(_authority.IdOf("web"), Keeper.Current!.Id.ToString());
        Assert.Equal(1, _bench.Changes);
        Assert.Single(_bench.Logs.Of(9000));
        Assert.Equal(1, _bench.Meters.Count(MeshTelemetry.IdentityUpdates, (MeshTelemetry.ResultTag, "leaf")));
        _bench.Meters.Collect();
        Assert.Equal(24 * 3600, LastExpiry(), 1.0);
    }

    [Fact]
    public void Offer_ThatCannotBeLogged_IsInForce_AndEverybodyHearsOfIt()
    {
        using var loggers = new ThrowingLoggers();
        using var keeper = new IdentityKeeper(
            new ScriptedIdentitySource(), isExpected: true, _time, new MeshInstruments(_bench.Meters), loggers);
        var changes = 0;
        keeper.Changed += () => changes++;

        Assert.Throws<InvalidOperationException>(
            () => keeper.Offer(Material(_authority.Issue("web")), Roots(_authority)));

        Assert.Equal(_authority.IdOf("web"), keeper.Current!.Id.ToString());
        Assert.Equal(1, changes);
        Assert.True(keeper.FirstAnswer.IsCompleted);
    }

    [Fact]
    public void Offer_OfOtherRootsOnly_KeepsTheLeafsContext()
    {
        using var next = new TestAuthority("mesh.test", _time);
        var leaf = _authority.Issue("web");
        Keeper.Offer(Material(leaf), Roots(_authority));
        var before = Keeper.Current!;

        Assert.True(Keeper.Offer(Material(leaf), Roots(_authority, next)));

        Assert.Same(before.Certificate, Keeper.Current!.Certificate);
        Assert.Equal(2, Keeper.Current.Roots["mesh.test"].Count);
        Assert.Single(before.Roots["mesh.test"]);
        Assert.Equal(2, _bench.Changes);
        Assert.Equal(1, _bench.Meters.Count(MeshTelemetry.IdentityUpdates, (MeshTelemetry.ResultTag, "roots")));
        Assert.Single(_bench.Logs.Of(9002));
    }

    [Fact]
    public void Offer_WithoutTheRootOfTheOwnLeaf_DistrustsThatRoot_AndSaysSo()
    {
        using var next = new TestAuthority("mesh.test", _time);
        var leaf = _authority.Issue("web");
        Keeper.Offer(Material(leaf), Roots(_authority));

        Assert.False(Keeper.Offer(Material(leaf), Roots(next)));

        Assert.Equal(next.Roots()[0], Keeper.Current!.Roots["mesh.test"].Single());
        Assert.Equal(MeshReasons.PeerUntrusted, Keeper.Status.Reason);
        Assert.Contains(
            "own certificate is not of them", Assert.Single(_bench.Logs.Of(9012)), StringComparison.Ordinal);
    }

    [Fact]
    public void Offer_ThatNoPeerWouldAccept_LeavesTheLastOneInForce()
    {
        using var other = new TestAuthority("mesh.test", _time);
        Keeper.Offer(Material(_authority.Issue("web")), Roots(_authority));
        var before = Keeper.Current;

        Assert.False(Keeper.Offer(Material(other.Issue("web")), Roots(_authority)));
        Assert.False(Keeper.Offer(Material(_authority.Issue("web")), Roots()));

        Assert.Same(before, Keeper.Current);
        Assert.Equal(1, _bench.Changes);
        Assert.Equal(MeshReasons.PeerUnknownTrustDomain, Keeper.Status.Reason);
        Assert.Equal(2, _bench.Meters.Count(MeshTelemetry.IdentityFailures, (MeshTelemetry.SourceTag, "test")));
        Assert.Equal(2, _bench.Logs.Of(9012).Length);

        Assert.True(Keeper.Offer(Material(_authority.Issue("web")), Roots(_authority)));
        Assert.Null(Keeper.Status.Reason);
        Assert.Single(_bench.Logs.Of(9001));
    }

    [Fact]
    public async Task Offer_NotValidYet_NamesTheSkew_AndIsTakenWhenItIsTime()
    {
        var early = _authority.Issue(new TestCertificateOptions
        {
            Uris = [_authority.IdOf("web")], NotBefore = _time.GetUtcNow().AddMinutes(3),
        });

        Assert.False(Keeper.Offer(Material(early), Roots(_authority)));
        Assert.True(Keeper.FirstAnswer.IsCompleted);
        Assert.Contains("the clocks differ", Assert.Single(_bench.Logs.Of(9011)), StringComparison.Ordinal);
        Assert.Equal(MeshReasons.PeerNotYetValid, Keeper.Status.Reason);

        await _bench.PassAsync(_time, TimeSpan.FromMinutes(1), () => Keeper.Current is not null, atMost: 5);
        Assert.Null(Keeper.Status.Reason);
    }

    [Fact]
    public async Task Leaf_ThatIsNotRenewed_IsWarnedOf_AndEndsWhenItExpires()
    {
        Keeper.Offer(Material(_authority.Issue("web")), Roots(_authority));
        var last = Keeper.Current!;

        await _bench.PassAsync(_time, TimeSpan.FromHours(1), () => _bench.Logs.Of(9004).Length > 0);
        Assert.True(_time.GetUtcNow() > last.NotBefore + ((last.NotAfter - last.NotBefore) * 0.9));
        Assert.Same(last, Keeper.Current);

        await _bench.PassAsync(_time, TimeSpan.FromMinutes(20), () => Keeper.Current is null);
        Assert.InRange(_time.GetUtcNow(), last.NotAfter, last.NotAfter.AddMinutes(21));
        await _bench.BecomesAsync(() => _bench.Changes == 2);
        Assert.Equal(LogLevel.Error, Assert.Single(_bench.Logs.Entries, e => e.Event.Id == 9003).Level);
        Assert.Single(_bench.Logs.Of(9004));
        Assert.Equal((MeshReasons.IdentityExpired, true), (Keeper.Status.Reason, Keeper.Status.IsExpected));
        _bench.Meters.Collect();
        Assert.True(LastExpiry() <= 0);

        // What was in force is not revived, and a new one is the end of it.
        Keeper.Confirm();
        Assert.Null(Keeper.Current);
        Assert.Equal(MeshReasons.IdentityExpired, Keeper.Status.Reason);
        Assert.True(Keeper.Offer(Material(_authority.Issue("web")), Roots(_authority)));
        Assert.Null(Keeper.Status.Reason);
    }

    [Fact]
    public void Failures_OfOneReason_AreCountedEachAndSaidSeldom()
    {
        for (var i = 0; i < 5; i++)
        {
            Keeper.Fail(MeshReasons.Unreadable, "The file is not there.");
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Single(_bench.Logs.Of(9011));
        _time.Advance(TimeSpan.FromMinutes(10));
        Keeper.Fail(MeshReasons.Unreadable, "The file is not there.");
        Keeper.Fail(MeshReasons.KeyMismatch, "Another thing.");

        Assert.Equal(3, _bench.Logs.Of(9011).Length);
        Assert.Equal(6, _bench.Meters.Count(
            MeshTelemetry.IdentityFailures, (MeshTelemetry.ReasonTag, MeshReasons.Unreadable)));
        Assert.True(Keeper.FirstAnswer.IsCompleted);
    }

    [Fact]
    public void RenewalTimes_LieBetween60And90PercentOfTheLife_AndApart()
    {
        Keeper.Offer(Material(_authority.Issue("web")), Roots(_authority));
        var identity = Keeper.Current!;
        var life = identity.NotAfter - identity.NotBefore;
        var random = new SeededRandom(3);

        var shares = Enumerable.Range(0, 500)
            .Select(_ => (RenewalTime.Of(identity, random) - identity.NotBefore) / life).ToArray();

        Assert.InRange(shares.Min(), 0.6, 0.62);
        Assert.InRange(shares.Max(), 0.88, 0.9);
        Assert.Equal(0.75, shares.Average(), 0.01);
    }

    private double LastExpiry() =>
        _bench.Meters.Measurements.Last(m => m.Name == MeshTelemetry.IdentityExpiry).Value;
}
