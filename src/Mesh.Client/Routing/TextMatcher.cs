using System.Text.RegularExpressions;
using Mesh.Policy;

namespace Mesh.Client.Routing;

/// <summary>A test on a text compiled. Ordinal, and case-sensitive unless said otherwise.</summary>
internal sealed class TextMatcher
{
    private readonly string _value;
    private readonly StringComparison _comparison;
    private readonly Regex? _regex;

    public TextMatcher(StringMatch match, bool ignoreCase = false)
    {
        Kind = match.Kind;
        _value = match.Value;
        _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

        // Non-backtracking: its time is linear in the text, whatever the pattern and whoever wrote the request.
        _regex = match.Kind == StringMatchKind.Regex
            ? new Regex(
                $@"\A(?:{match.Value})\z",
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant |
                (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None))
            : null;
    }

    public StringMatchKind Kind { get; }

    /// <summary>True when this text, which is present, passes.</summary>
    public bool Matches(ReadOnlySpan<char> text) => Kind switch
    {
        StringMatchKind.Exact => text.Equals(_value, _comparison),
        StringMatchKind.Prefix => text.StartsWith(_value, _comparison),
        StringMatchKind.Suffix => text.EndsWith(_value, _comparison),
        StringMatchKind.Regex => _regex!.IsMatch(text),
        StringMatchKind.Present => true,
        _ => false,
    };

    /// <summary>The same for a path, whose prefixes are whole segments.</summary>
    public bool MatchesPath(ReadOnlySpan<char> path) => Matches(path) &&
        (Kind != StringMatchKind.Prefix || path.Length == _value.Length || _value.EndsWith('/') ||
         _value.Length == 0 || path[_value.Length] == '/');
}
