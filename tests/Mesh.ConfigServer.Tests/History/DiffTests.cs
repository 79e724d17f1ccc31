using System.Text;
using Mesh.ConfigServer.History;

namespace Mesh.ConfigServer.Tests.History;

public sealed class DiffTests
{
    [Theory]
    [InlineData("{\"a\":1}", "// other words\n{\"a\":1,}", "")]
    [InlineData("{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":1,\"d\":2}}", "/a/c removed 2 ->;/a/d added -> 2")]
    [InlineData("{\"a\":[1,2]}", "{\"a\":[2,1]}", "/a changed [1,2] -> [2,1]")]
    [InlineData("{\"x/y~\":\"off\"}", "{\"x/y~\":{}}", "/x~1y~0 changed \"off\" -> {}")]
    [InlineData(
        "{\"routes\":[{\"name\":\"a\",\"t\":1},{\"name\":\"b\"}]}",
        "{\"routes\":[{\"name\":\"b\"},{\"name\":\"a\",\"t\":2},{\"name\":\"c\"}]}",
        "/routes/a/t changed 1 -> 2;/routes/c added -> {\"name\":\"c\"};/routes moved [\"a\",\"b\"] -> [\"b\",\"a\"]")]
    public void Documents_Compared_TellPlaces(string before, string after, string changes) => Assert.Equal(
        changes,
        string.Join(';', DocumentDiff.Between(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after)).Select(c =>
            $"{c.Path} {c.Kind} {c.Before?.ToJsonString()} -> {c.After?.ToJsonString()}"
                .Replace("  ", " ", StringComparison.Ordinal).TrimEnd())));

    [Theory]
    [InlineData("a\nb\nc", "a\nc", " a|-b| c")]
    [InlineData("a\nc", "a\nb\nc\n", " a|+b| c|+")]
    [InlineData("a\nb", "b\na", "-a| b|+a")]
    [InlineData("a\r\nb", "a\nb", " a| b")]
    [InlineData("", "", " ")]
    public void Texts_Compared_TellLines(string before, string after, string lines) =>
        Assert.Equal(lines, string.Join('|', LineDiff.Between(before, after)));

    [Fact]
    public void Texts_ThatDifferInThousandsOfLines_AreOneBlockOutAndOneIn()
    {
        var before = string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"a{i}"));
        var after = string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"b{i}"));

        var lines = LineDiff.Between(before, after);

        Assert.Equal(10_000, lines.Count);
        Assert.Equal(("-a0", "+b4999"), (lines[0], lines[^1]));
    }
}
