using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Discovery;

public sealed class StaticDiscoveryFeedTests : IDisposable
{
    private readonly UpstreamFixture _fixture = new();
    private readonly MeshOptions _options = new();

    [Fact]
    public void Attach_EndpointsConfigured_AreTheUpstreamsOnce()
    {
        _options.Upstreams["orders"] = new MeshUpstreamOptions
        {
            Endpoints = { "127.0.0.1:5001", "http://127.0.0.1:5001", "[::1]:5002" },
        };

        new StaticDiscoveryFeed(_options).Attach(_fixture.Upstream);

        Assert.Equal(
            ["127.0.0.1:5001", "::1:5002"], _fixture.Upstream.Endpoints.Select(e => $"{e.Host}:{e.Port}"));
        Assert.True(_fixture.Upstream.FirstAnswer.IsCompletedSuccessfully);
        Assert.True(StaticDiscoveryFeed.IsStatic(_options, "orders"));
    }

    [Fact]
    public void Attach_NothingConfigured_LeavesTheAnswerToConsul()
    {
        new StaticDiscoveryFeed(_options).Attach(_fixture.Upstream);

        Assert.False(_fixture.Upstream.FirstAnswer.IsCompleted);
        Assert.False(StaticDiscoveryFeed.IsStatic(_options, "orders"));
    }

    [Fact]
    public void Attach_NothingConfiguredAndNoConsul_IsUnknown()
    {
        _options.Discovery.UseConsul = false;

        new StaticDiscoveryFeed(_options).Attach(_fixture.Upstream);

        Assert.True(_fixture.Upstream.IsUnknown);
    }

    public void Dispose() => _fixture.Dispose();
}
