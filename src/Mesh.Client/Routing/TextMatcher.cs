using System.Text.RegularExpressions;
using Mesh.Policy;

namespace Mesh.Client.Routing;

/// <summary>A test on a text compiled. Ordinal and case-sensitive.</summary>
internal sealed class TextMatcher
{
    private readonly string _value;
    private readonly Regex? _regex;

    public TextMatcher(StringMatch match)
    {
        Kind = match.Kind;
        _value = match.Value;

        // Non-backtracking: its time is linear in the text, whatever the pattern and whoever wrote the request.
        _regex = match.Kind == StringMatchKind.Regex
            ? new Regex($@"\A(?:{match.Value})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
            : null;
    }

    public StringMatchKind Kind { get; }

    /// <summary>True when this text, which is present, passes.</summary>
    public bool Matches(ReadOnlySpan<char> text) => Kind switch
    {
        StringMatchKind.Exact => text.SequenceEqual(_value),
        StringMatchKind.Prefix => text.StartsWith(_value, StringComparison.Ordinal),
        StringMatchKind.Suffix => text.EndsWith(_value, StringComparison.Ordinal),
        StringMatchKind.Regex => _regex!.IsMatch(text),
        StringMatchKind.Present => true,
        _ => false,
    };

    /// <summary>The same for a path, whose prefixes are whole segments.</summary>
    public bool MatchesPath(ReadOnlySpan<char> path) => Matches(path) &&
        (Kind != StringMatchKind.Prefix || path.Length == _value.Length || _value.EndsWith('/') ||
         _value.Length == 0 || path[_value.Length] == '/');
}
