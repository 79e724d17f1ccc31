using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Discovery;

public sealed class TokenTroubleTests
{
    private static readonly ConsulPermission Orders = new("service", "read", "orders");
    private static readonly ConsulPermission Keys = new("key", "list", "mesh/");

    private readonly ManualTimeProvider _time = new();
    private readonly LogCollector _logs = new();
    private readonly TokenTrouble _trouble;

    public TokenTroubleTests() => _trouble = new TokenTrouble(_time, new LoggerFactory([_logs]).CreateLogger("test"));

    [Fact]
    public void Lacks_IsSaidAtOnceThenOnceAMinuteAndAgainWhenItGetsWorse()
    {
        _trouble.Lacks([Orders]);
        _trouble.Lacks([Orders]);
        Assert.Single(_logs.Of(1003));

        _time.Advance(TimeSpan.FromSeconds(61));
        _trouble.Lacks([Orders]);
        Assert.Equal(2, _logs.Of(1003).Length);

        _trouble.Lacks([Keys]);
        Assert.Equal(3, _logs.Of(1003).Length);
        Assert.Contains("reason acl", _logs.Of(1003)[^1], StringComparison.Ordinal);
        Assert.Contains("""service "orders" { policy = "read" }""", _trouble.Description, StringComparison.Ordinal);
        Assert.Contains("""key_prefix "mesh/" { policy = "list" }""", _trouble.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void IsExactly_TellsWhatHealed_AndSaysOnceThatAllIsWell()
    {
        _trouble.Lacks([Orders, Keys]);

        Assert.True(_trouble.IsExactly([Keys]));
        Assert.DoesNotContain("orders", _trouble.Description, StringComparison.Ordinal);
        Assert.Empty(_logs.Of(1004));
        Assert.False(_trouble.IsExactly([Keys]));

        Assert.True(_trouble.IsExactly([]));
        Assert.Null(_trouble.Description);
        Assert.False(_trouble.IsExactly([]));
        Assert.Single(_logs.Of(1004));
    }

    [Fact]
    public void Refused_IsTheWholeTrouble_UntilTheTokenIsAnsweredAgain()
    {
        _trouble.Lacks([Orders]);
        _trouble.Refused(new ConsulException("ACL not found"));
        Assert.Equal("Consul refuses the token: ACL not found", _trouble.Description);

        Assert.True(_trouble.IsExactly([Orders]));
        Assert.Contains("orders", _trouble.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Lacks_ARuleForEveryNode_SaysAFewAndHowManyMore()
    {
        _trouble.Lacks(Enumerable.Range(10, 50).Select(i => new ConsulPermission("node", "read", $"n{i}")));

        Assert.EndsWith("and 42 more", _trouble.Description, StringComparison.Ordinal);
    }
}
