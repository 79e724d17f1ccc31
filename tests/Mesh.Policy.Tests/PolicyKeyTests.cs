namespace Mesh.Policy.Tests;

public sealed class PolicyKeyTests
{
    [Theory]
    [InlineData("policy/global", PolicyDocumentKind.Traffic, PolicyScope.Global, null)]
    [InlineData("policy/services/orders", PolicyDocumentKind.Traffic, PolicyScope.Service, "orders")]
    [InlineData("security/global", PolicyDocumentKind.Security, PolicyScope.Global, null)]
    [InlineData("security/services/orders", PolicyDocumentKind.Security, PolicyScope.Service, "orders")]
    [InlineData("switches/global", PolicyDocumentKind.Switches, PolicyScope.Global, null)]
    [InlineData("switches/services/orders-v2.eu", PolicyDocumentKind.Switches, PolicyScope.Service, "orders-v2.eu")]
    [InlineData("switches/callers/web", PolicyDocumentKind.Switches, PolicyScope.Caller, "web")]
    public void Key_Parsed_PrintsTheSame(string text, PolicyDocumentKind kind, PolicyScope scope, string? name)
    {
        Assert.True(PolicyKey.TryParse(text, out var key));
        Assert.Equal(new PolicyKey(kind, scope, name), key);
        Assert.Equal(text, key.ToString());
    }

    [Theory]
    [InlineData(null, "policy/, security/ or switches/")]
    [InlineData("", "policy/, security/ or switches/")]
    [InlineData("polcy/global", "did you mean \"policy\"?")]
    [InlineData("policy", "policy/global")]
    [InlineData("policy/", "policy/global")]
    [InlineData("policy/service/orders", "did you mean \"services\"?")]
    [InlineData("policy/callers/web", "policy/services/<name>")]
    [InlineData("policy/global/x", "policy/global")]
    [InlineData("policy/services/", "is not a service name")]
    [InlineData("policy/services/a/b", "policy/services/<name>")]
    [InlineData("policy/services/Orders", "did you mean \"orders\"?")]
    [InlineData("policy/services/-x", "is not a service name")]
    [InlineData("/policy/global", "policy/, security/ or switches/")]
    public void TextThatIsNoKey_Parsed_SaysWhy(string? text, string reason)
    {
        Assert.False(PolicyKey.TryParse(text, out _));
        Assert.False(PolicyKey.TryParse(text, out _, out var why));
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Fact]
    public void NameOf129Characters_IsNoService()
    {
        Assert.True(PolicyKey.IsServiceName(new string('a', 128)));
        Assert.False(PolicyKey.IsServiceName(new string('a', 129)));
    }
}
