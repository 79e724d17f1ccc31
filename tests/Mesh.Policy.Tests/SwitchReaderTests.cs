using System.Text;
using System.Text.Json;

namespace Mesh.Policy.Tests;

public sealed class SwitchReaderTests
{
    public static TheoryData<string> Cases => GoldenFiles.Cases("Switches");

    [Theory]
    [MemberData(nameof(Cases))]
    public void SwitchDocument_Read_ActsOnWhatIsUnderstoodAndReportsTheRest(string name)
    {
        var body = GoldenFiles.Read("Switches", $"{name}.jsonc");

        var result = PolicyReader.ReadSwitches(body, PolicyKey.GlobalSwitches);

        Assert.Empty(result.Problems);
        Assert.True(result.IsAccepted);
        ProblemPaths.ShouldExist(result.Ignored, body);
        var ignored = result.Ignored.Select(p => JsonSerializer.Serialize(p, TestJson.Readable.PolicyProblem) + "\n");
        GoldenFiles.ShouldMatch(
            $"// in force\n{PolicyWriter.Write(result.Document)}// ignored\n{string.Concat(ignored)}",
            "Switches",
            $"{name}.result.txt");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SwitchDocument_PrintedAndReadAgain_IsTheSame(string name)
    {
        var first = PolicyReader.ReadSwitches(GoldenFiles.Read("Switches", $"{name}.jsonc"), PolicyKey.GlobalSwitches).Document!;

        var second = PolicyReader.ReadSwitches(Encoding.UTF8.GetBytes(PolicyWriter.Write(first)), PolicyKey.GlobalSwitches);

        Assert.Empty(second.Ignored);
        Assert.Equal(first, second.Document);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bypass")]
    [InlineData("\"bypass\"")]
    [InlineData("[]")]
    [InlineData("{ \"mode\": ")]
    public void TextThatIsNoObject_Read_IsRefused(string text)
    {
        var result = PolicyReader.ReadSwitches(Encoding.UTF8.GetBytes(text), PolicyKey.GlobalSwitches);

        Assert.False(result.IsAccepted);
        Assert.Single(result.Problems);
    }

    [Fact]
    public void SwitchKey_ReadAsTraffic_Throws()
    {
        Assert.Throws<ArgumentException>(() =>
            PolicyReader.ReadTraffic("{}"u8.ToArray(), PolicyKey.GlobalSwitches, ReadOptions.Strict));
        Assert.Throws<ArgumentException>(() => PolicyReader.ReadSwitches("{}"u8.ToArray(), PolicyKey.GlobalTraffic));
    }
}
