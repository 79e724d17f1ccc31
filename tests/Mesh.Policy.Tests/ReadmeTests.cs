using System.Text.RegularExpressions;
using Mesh.Policy.Language;
using Mesh.Tests.Shared;

namespace Mesh.Policy.Tests;

/// <summary>The README must say what the code does.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string File = Path.Combine(
        PublicSurface.RepositoryRoot(), "src", "Mesh.Policy", "README.md");

    [Fact]
    public void FieldsInTheReadme_AreThoseOfTheLanguage()
    {
        var text = System.IO.File.ReadAllText(File).ReplaceLineEndings("\n");
        foreach (var (name, table) in new[] { ("traffic", Reference.Traffic()), ("security", Reference.Security()) })
        {
            var expected = $"<!-- reference {name} -->\n{table}<!-- /reference -->";
            if (Environment.GetEnvironmentVariable("MESH_ACCEPT_GOLDEN") == "1")
            {
                text = Block().Replace(text, block => block.Groups[1].Value == name ? expected : block.Value);
                System.IO.File.WriteAllText(File, text);
            }

            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DocumentsToPutIntoConsul_InTheRootReadme_AreAcceptedAsPrinted()
    {
        var readme = System.IO.File.ReadAllText(Path.Combine(PublicSurface.RepositoryRoot(), "README.md"));
        var commands = Put().Matches(readme);

        Assert.True(commands.Count >= 6, $"README.md shows {commands.Count} documents.");
        Assert.All(commands, command =>
        {
            Assert.True(PolicyKey.TryParse(command.Groups["key"].Value, out var key), command.Value);
            var answer = PolicyReader.Validate(
                new ValidateRequest { Key = key, Body = command.Groups["document"].Value });
            Assert.Empty(answer.Problems.Select(p => $"{p}"));
        });
    }

    [Fact]
    public void CodesInTheReadme_AreAllThereAre()
    {
        var text = System.IO.File.ReadAllText(File);
        var codes = typeof(ProblemCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!).Concat(
            DangerCodes.All);

        Assert.All(
            codes.Concat(MechanismWords.All), code => Assert.Contains($"`{code}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryProblemCode_HasAGoldenCase()
    {
        var golden = string.Concat(
            Directory.GetFiles(GoldenFiles.Root, "*", SearchOption.AllDirectories)
                .Where(f => f.EndsWith(".problems.json", StringComparison.Ordinal) || f.EndsWith(".result.txt", StringComparison.Ordinal))
                .Select(System.IO.File.ReadAllText));
        var codes = typeof(ProblemCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!);

        // A document over 512 KiB is no file to keep: PolicyReaderLimitsTests makes one.
        Assert.All(
            codes.Where(c => c != ProblemCodes.TooLarge),
            code => Assert.Contains($"\"code\":\"{code}\"", golden, StringComparison.Ordinal));
    }

    [GeneratedRegex("^consul kv put mesh/(?<key>\\S+) '(?<document>[^']*)'", RegexOptions.Multiline)]
    private static partial Regex Put();

    [GeneratedRegex("<!-- reference ([a-z]+) -->.*?<!-- /reference -->", RegexOptions.Singleline)]
    private static partial Regex Block();
}
