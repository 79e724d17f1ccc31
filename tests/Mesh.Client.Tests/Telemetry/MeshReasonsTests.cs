using System.Reflection;
using System.Text.RegularExpressions;
using Mesh.Client.Attempts;
using Mesh.Tests.Shared;

namespace Mesh.Client.Tests.Telemetry;

public sealed partial class MeshReasonsTests
{
    /// <summary>What is decided may be written where it is; why, only as a constant of the list.</summary>
    private static readonly string[] Decisions = ["retry", "no_retry", "fail", "suspect", "exclude", "pass_through"];

    [Fact]
    public void All_HasEveryPublicWordOnce()
    {
        var words = typeof(MeshReasons).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!)
            .ToArray();

        Assert.Equal(words.Order(StringComparer.Ordinal), MeshReasons.All.Order(StringComparer.Ordinal));
        Assert.All(words, word => Assert.Matches("^[a-z]+(_[a-z]+)*$", word));
    }

    [Fact]
    public void EveryEnumeratedReason_HasAWordOfTheList()
    {
        Assert.All(Enum.GetValues<MeshFailureReason>(), reason => Assert.Contains(reason.Word(), MeshReasons.All));
        Assert.All(Enum.GetValues<AttemptOutcome>(), outcome => Assert.Contains(outcome.Reason(), MeshReasons.All));
    }

    [Fact]
    public void Sources_GiveReasonsOnlyAsConstants()
    {
        var given = 0;
        foreach (var (file, text) in Sources())
        {
            foreach (Match call in GivesReason().Matches(text))
            {
                given++;
                var literals = Literal().Matches(Arguments(text, call.Index + call.Length)).Select(
                    m => m.Groups[1].Value);
                Assert.All(literals, word => Assert.True(
                    Decisions.Contains(word),
                    $"{file}: '{word}' in '{call.Value}...' is not a constant of MeshReasons."));
            }
        }

        Assert.True(given > 15, $"only {given} places that give a reason were recognized");
    }

    [Fact]
    public void LogLines_HaveAReasonOnlyAsAWord()
    {
        // Text of others is {Error}: who searches for Reason = acl must not meet sentences.
        foreach (var (file, text) in Sources())
        {
            foreach (Match method in LogMethod().Matches(text))
            {
                if (method.Value.Contains("{Reason}", StringComparison.Ordinal))
                {
                    // Lines are in a nested class Log of who writes them, or in a file of their own.
                    var name = method.Groups["name"].Value;
                    var callers = Calls(text, $"Log.{name}").Concat(
                        Sources().SelectMany(s => Calls(s.Text, $"{Path.GetFileNameWithoutExtension(file)}.{name}")));
                    Assert.All(callers, arguments => Assert.False(
                        arguments.Contains(".Message", StringComparison.Ordinal) || Literal().IsMatch(arguments),
                        $"{file}: {name} gets {arguments} where a word of MeshReasons belongs."));
                }
            }
        }
    }

    [Fact]
    public void Readmes_NameEveryWordAndEveryInstrument()
    {
        var (words, instruments) = (Readme("src", "Mesh.Client"), Readme());
        Assert.All(MeshReasons.All, word => Assert.Contains($"`{word}`", words, StringComparison.Ordinal));

        var names = typeof(MeshTelemetry).GetFields()
            .Where(f => !f.Name.EndsWith("Tag", StringComparison.Ordinal) && !f.Name.StartsWith("Desk", StringComparison.Ordinal))
            .Select(f => (string)f.GetRawConstantValue()!);
        Assert.All(names, name => Assert.Contains($"`{name}`", instruments, StringComparison.Ordinal));
    }

    private static string Readme(params string[] folder) =>
        File.ReadAllText(Path.Combine([PublicSurface.RepositoryRoot(), .. folder, "README.md"]));

    [Fact]
    public void LogLines_HaveEventIdsOfTheirOwn()
    {
        var ids = Sources().SelectMany(source => EventId().Matches(source.Text).Select(m => m.Groups[1].Value)).ToArray();
        Assert.True(ids.Length > 60, $"only {ids.Length} log lines were recognized");
        Assert.Empty(ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    private static IEnumerable<string> Calls(string text, string method) =>
        Regex.Matches(text, $@"\b{Regex.Escape(method)}\(").Select(call => Arguments(text, call.Index + call.Length));

    private static IEnumerable<(string File, string Text)> Sources() =>
        Directory.EnumerateFiles(Path.Combine(PublicSurface.RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .Select(file => (Path.GetFileName(file), File.ReadAllText(file)));

    /// <summary>From behind an opening parenthesis to the one that closes it.</summary>
    private static string Arguments(string text, int start)
    {
        var depth = 1;
        for (var at = start; at < text.Length; at++)
        {
            depth += text[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return text[start..at];
            }
        }

        return text[start..];
    }

    [GeneratedRegex(
        @"(Instruments\.(Decision|Retry|Ejection|EjectionWithheld|PeerRefused)|RetryDecision\.Stop|\bAtOnce|\.Orphan)\(" +
        @"|MeshHeaders\.Reason, |ReasonTag, ",
        RegexOptions.IgnoreCase)]
    private static partial Regex GivesReason();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\[LoggerMessage\((\d+)")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\[LoggerMessage\((?<text>[^\]]*)\]\s*(public|private|internal) static partial void (?<name>\w+)")]
    private static partial Regex LogMethod();
}
