namespace Mesh.Policy.Tests;

public sealed class PolicyRegexTests
{
    [Theory]
    [InlineData("/a|/b", "/a", true)]
    [InlineData("/a|/b", "/b", true)]
    [InlineData("/a|/b", "/ax", false)]
    [InlineData("/a|/b", "x/b", false)]
    [InlineData("a$", "a\n", false)]
    [InlineData("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "0f8fad5b-d9cb-469f-a165-70867728950e", true)]
    public void Pattern_Compiled_MatchesAsAWhole(string pattern, string text, bool matches)
    {
        Assert.Null(PolicyRegex.WhyNot(pattern));
        Assert.Equal(matches, PolicyRegex.Compile(pattern).IsMatch(text));
    }
}
