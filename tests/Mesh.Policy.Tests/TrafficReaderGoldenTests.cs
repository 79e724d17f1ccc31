using System.Text;

namespace Mesh.Policy.Tests;

public sealed class TrafficReaderGoldenTests
{
    public static TheoryData<string> Valid => GoldenFiles.Cases("Valid");

    public static TheoryData<string> Problems => GoldenFiles.Cases("Problems");

    public static TheoryData<string> Tolerant => GoldenFiles.Cases("Tolerant");

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_ReadStrictly_IsAcceptedAndPrintsCanonically(string name)
    {
        var result = PolicyReader.ReadTraffic(
            GoldenFiles.Read("Valid", $"{name}.jsonc"), GoldenFiles.KeyOf(name), ReadOptions.Strict);

        Assert.Empty(result.Problems);
        Assert.Empty(result.Ignored);
        Assert.True(result.IsAccepted);
        GoldenFiles.ShouldMatch(PolicyWriter.Write(result.Document), "Valid", $"{name}.canonical.json");
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_PrintedAndReadAgain_PrintsTheSame(string name)
    {
        var key = GoldenFiles.KeyOf(name);
        var first = PolicyReader.ReadTraffic(GoldenFiles.Read("Valid", $"{name}.jsonc"), key, ReadOptions.Strict);
        var text = PolicyWriter.Write(first.Document!);

        var second = PolicyReader.ReadTraffic(Encoding.UTF8.GetBytes(text), key, ReadOptions.Tolerant);

        Assert.Empty(second.Problems);
        Assert.Equal(text, PolicyWriter.Write(second.Document!));
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void BadDocument_ReadStrictly_GivesExactlyTheseProblems(string name)
    {
        var body = GoldenFiles.Read("Problems", $"{name}.jsonc");

        var result = PolicyReader.ReadTraffic(body, GoldenFiles.KeyOf(name), ReadOptions.Strict);

        Assert.False(result.IsAccepted);
        Assert.NotEmpty(result.Problems);
        Assert.Empty(result.Ignored);
        ProblemPaths.ShouldExist(result.Problems, body);
        GoldenFiles.ShouldMatch(GoldenFiles.Print(result.Problems), "Problems", $"{name}.problems.json");
    }

    [Theory]
    [MemberData(nameof(Tolerant))]
    public void NewerDocument_ReadTolerantly_AppliesWhatIsUnderstood(string name)
    {
        var body = GoldenFiles.Read("Tolerant", $"{name}.jsonc");

        var result = PolicyReader.ReadTraffic(body, GoldenFiles.KeyOf(name), ReadOptions.Tolerant);

        Assert.Empty(result.Problems);
        ProblemPaths.ShouldExist(result.Ignored, body);
        GoldenFiles.ShouldMatch(
            $"// in force\n{PolicyWriter.Write(result.Document!)}// ignored\n{GoldenFiles.Print(result.Ignored)}",
            "Tolerant",
            $"{name}.result.txt");
    }
}
