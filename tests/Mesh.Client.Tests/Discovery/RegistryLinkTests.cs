using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Discovery;

public sealed class RegistryLinkTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogCollector _logs = new();
    private readonly RegistryLink _link;

    public RegistryLinkTests() => _link = new RegistryLink(_time, new LoggerFactory([_logs]).CreateLogger("link"));

    [Fact]
    public void Failed_ManyWatchesForLong_IsSaidAtOnceAndOnceAMinute()
    {
        for (var second = 0; second < 150; second++)
        {
            Assert.Equal("failed", _link.Failed(new ConsulException("refused")));
            Assert.Equal("failed", _link.Failed(new ConsulException("refused")));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, _logs.Of(1000).Length);
        Assert.Equal(TimeSpan.FromSeconds(150), _link.LostFor);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, MeshReasons.RegistryLost)]
    [InlineData(HttpStatusCode.Forbidden, MeshReasons.Acl)]
    public void LostReason_Lost_IsAWordOfTheClosedList(HttpStatusCode status, string expected)
    {
        _link.Failed(new ConsulException("refused", status));

        Assert.Equal(expected, _link.LostReason);
        Assert.Contains(_link.LostReason, MeshReasons.All);
        _link.Answered();
        Assert.Null(_link.LostReason);
    }

    [Fact]
    public void Answered_AfterALoss_IsSaidOnce()
    {
        _link.Failed(new ConsulException("refused"));
        _time.Advance(TimeSpan.FromSeconds(7));

        _link.Answered();
        _link.Answered();

        Assert.Contains("7 s", Assert.Single(_logs.Of(1002)), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, _link.LostFor);
    }

    [Fact]
    public void Failed_TokenRefused_IsReasonAcl()
    {
        Assert.Equal("acl", _link.Failed(new ConsulException("ACL not found", HttpStatusCode.Forbidden)));

        Assert.Single(_logs.Of(1001));
    }
}
