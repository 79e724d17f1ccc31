using Mesh.Client.Security;
using Mesh.Testing;
using static Mesh.Client.Tests.Security.ScriptedIdentitySource;

namespace Mesh.Client.Tests.Security;

public sealed class LeafRenewalTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TestAuthority _authority;
    private readonly KeeperBench _bench;
    private readonly List<DateTimeOffset> _asked = [];

    public LeafRenewalTests()
    {
        _authority = new TestAuthority("mesh.test", _time);
        _bench = new KeeperBench(_ => new ScriptedIdentitySource(), _time);
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _bench.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task ALeafThatNobodyRenews_IsAskedForInTime_UntilThereIsAnother()
    {
        var first = Offer();
        var run = Run(() =>
        {
            if (_asked.Count == 3)
            {
                Offer();
            }
        });

        await _bench.PassAsync(
            _time, TimeSpan.FromMinutes(1),
            () => !ReferenceEquals(_bench.Keeper.Current!.Certificate, first.Certificate), 60);

        var share = (_asked[0] - first.NotBefore) / (first.NotAfter - first.NotBefore);
        Assert.InRange(share, 0.6, 0.95);
        Assert.True(_asked[2] < first.NotAfter);
        Assert.All(_asked.Zip(_asked.Skip(1)), pair => Assert.True(pair.Second > pair.First));

        // The next one is left in peace again.
        var asked = _asked.Count;
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(asked, _asked.Count);
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task WithoutALeaf_AnotherIsAskedForEachMinute()
    {
        _ = Run(() => { });

        await _bench.PassAsync(_time, TimeSpan.FromMinutes(1), () => _asked.Count == 3, 6);
    }

    private MeshIdentity Offer()
    {
        var leaf = _authority.Issue(new TestCertificateOptions
        {
            Uris = [_authority.IdOf("web")],
            NotBefore = _time.GetUtcNow().AddMinutes(-1),
            NotAfter = _time.GetUtcNow().AddMinutes(39),
        });
        Assert.True(_bench.Keeper.Offer(Material(leaf), Roots(_authority)));
        return _bench.Keeper.Current!;
    }

    private Task Run(Action asked)
    {
        var renewal = new LeafRenewal(
            _bench.Keeper,
            _ =>
            {
                _asked.Add(_time.GetUtcNow());
                asked();
                return Task.CompletedTask;
            },
            _time,
            new SeededRandom(11));
        return Task.Run(() => renewal.RunAsync(_end.Token));
    }
}
