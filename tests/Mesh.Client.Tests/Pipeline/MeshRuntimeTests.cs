using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Pipeline;

public sealed class MeshRuntimeTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly MeshOptions _options = new();
    private readonly Feed _feed = new();
    private readonly TestMeters _meters = new();
    private readonly MeshRuntime _runtime;

    public MeshRuntimeTests()
    {
        _options.Upstreams["listed"] = new MeshUpstreamOptions();
        var random = new SeededRandom(1);
        _runtime = new MeshRuntime(
            _options, new MeshSelf("mesh", "web", "web-1", "1.0", Zone: null), _time, random, new(_meters),
            new StubTransports(), new LoadBalancerRegistry([], random, NullLoggerFactory.Instance),
            [new BrokenFeed(), _feed], NullLoggerFactory.Instance);
    }

    public void Dispose()
    {
        _runtime.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void GetUpstream_TheFirstTime_AttachesFeedsOnce()
    {
        var upstream = _runtime.GetUpstream("orders");

        Assert.Same(upstream, _runtime.GetUpstream("orders"));
        Assert.Equal(["+orders"], _feed.Log);
        Assert.Same(upstream, Assert.Single(_runtime.Upstreams));
        Assert.False(upstream.IsDeclared);
        Assert.True(_runtime.GetUpstream("listed").IsDeclared);
    }

    [Fact]
    public void Find_OfANameNobodyCalled_MakesNothing()
    {
        Assert.Null(_runtime.Find("orders", out var watched));
        Assert.False(watched);
        Assert.DoesNotContain(_runtime.Upstreams, u => u.Name == "orders");

        Assert.Same(_runtime.GetUpstream("orders"), _runtime.Find("orders", out watched));
        Assert.True(watched);
    }

    [Fact]
    public void GetUpstream_ByManyAtOnce_AttachesFeedsOnce()
    {
        Parallel.For(0, 100, i => _runtime.GetUpstream($"s{i % 3}"));

        Assert.Equal(["+s0", "+s1", "+s2"], _feed.Log.Order());
    }

    [Fact]
    public void GetUpstream_ByACallWithAContext_DoesNotHandItToFeeds()
    {
        var ambient = new AsyncLocal<string> { Value = "secret" };
        _feed.OnAttach = () =>
        {
            Assert.True(ExecutionContext.IsFlowSuppressed());
            return ambient.Value!;
        };
        _runtime.GetUpstream("orders");

        Assert.False(ExecutionContext.IsFlowSuppressed());
    }

    [Fact]
    public void Sweep_OfAnIdleUpstream_DetachesItUntilItIsUsedAgain()
    {
        var upstream = _runtime.GetUpstream("orders");
        upstream.ApplyEndpoints(new EndpointSnapshot([UpstreamFixture.Info("a")], EndpointSource.Consul, Known: true));
        _runtime.GetUpstream("listed");
        _time.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(["+orders", "+listed", "-orders"], _feed.Log);

        // A handler holds on to the upstream and never asks for it again.
        upstream.LastUsed = _time.GetTimestamp();
        Assert.Equal("+orders", _feed.Log[^1]);

        _time.Advance(TimeSpan.FromMinutes(21));
        Assert.Same(upstream, _runtime.GetUpstream("orders"));
        Assert.Equal(["+orders", "+listed", "-orders", "+orders", "-orders", "+orders"], _feed.Log);
    }

    [Fact]
    public void Sweep_OfIdleNamesThatNobodyKnows_ForgetsThem()
    {
        for (var i = 0; i < 100; i++)
        {
            _runtime.GetUpstream($"typo-{i}");
        }

        var listed = _runtime.GetUpstream("listed");
        var before = _runtime.GetUpstream("typo-1");
        _time.Advance(TimeSpan.FromMinutes(21));
        Assert.Same(listed, Assert.Single(_runtime.Upstreams));

        // Who held on to the old one does not bring it back beside the new one.
        var after = _runtime.GetUpstream("typo-1");
        before.LastUsed = _time.GetTimestamp();
        Assert.NotSame(before, after);
        Assert.Equal(["+typo-1", "-typo-1", "+typo-1"], _feed.Log.Where(l => l.EndsWith("typo-1", StringComparison.Ordinal)));
    }

    [Fact]
    public void Sweep_OfAnUpstreamInUse_LeavesIt()
    {
        var upstream = _runtime.GetUpstream("orders");
        for (var minute = 0; minute < 60; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            upstream.LastUsed = _time.GetTimestamp();
        }

        Assert.Equal(["+orders"], _feed.Log);
    }

    [Fact]
    public void Dispose_DetachesFeedsAndEndsConnections()
    {
        var upstream = _runtime.GetUpstream("orders");
        upstream.ApplyEndpoints(new EndpointSnapshot([UpstreamFixture.Info("a")], EndpointSource.Consul, Known: true));
        var transport = (StubTransports.StubTransport)upstream.Endpoints[0].Transport;

        _runtime.Dispose();

        Assert.Equal(["+orders", "-orders"], _feed.Log);
        Assert.Equal(1, transport.Disposals);
        Assert.Equal(0, _time.ArmedTimers);
        Assert.Throws<ObjectDisposedException>(() => _runtime.GetUpstream("other"));
    }

    private sealed class Feed : IUpstreamFeed
    {
        private readonly List<string> _log = [];

        public Func<string>? OnAttach { get; set; }

        public IReadOnlyList<string> Log
        {
            get
            {
                lock (_log)
                {
                    return [.. _log];
                }
            }
        }

        public void Attach(Upstream upstream)
        {
            OnAttach?.Invoke();
            lock (_log)
            {
                _log.Add("+" + upstream.Name);
            }
        }

        public void Detach(Upstream upstream)
        {
            lock (_log)
            {
                _log.Add("-" + upstream.Name);
            }
        }
    }

    private sealed class BrokenFeed : IUpstreamFeed
    {
        public void Attach(Upstream upstream) => throw new InvalidOperationException("broken");

        public void Detach(Upstream upstream) => throw new InvalidOperationException("broken");
    }
}
