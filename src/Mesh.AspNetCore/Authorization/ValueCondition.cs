using Mesh.Client.Routing;
using Mesh.Policy;
using Microsoft.Extensions.Primitives;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// A test on a header or query parameter, which may be there more than once: so that nothing can be hidden behind another
/// value or slipped in beside one, a denial is content with any of them, and an allowance wants all.
/// </summary>
internal sealed class ValueCondition(string name, StringMatch match, bool ignoreCase, bool invert, bool denies)
{
    private readonly TextMatcher _text = new(match, ignoreCase);

    public string Name => name;

    public bool Matches(StringValues values)
    {
        if (values.Count == 0)
        {
            // Turned round, a test on a value that is not there is doubtful: it denies, and does not allow.
            return match.Kind switch
            {
                StringMatchKind.Absent => !invert,
                StringMatchKind.Present => invert,
                _ => invert && denies,
            };
        }

        if (match.Kind is StringMatchKind.Absent or StringMatchKind.Present)
        {
            return match.Kind == StringMatchKind.Present != invert;
        }

        return denies ? MatchesAny(values) : MatchesAll(values);
    }

    private bool MatchesAll(StringValues values)
    {
        foreach (var value in values)
        {
            if (!Passes(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One line of several values means the same as several lines: which of them it is, is the sender's choice.</summary>
    private bool MatchesAny(StringValues values)
    {
        foreach (var value in values)
        {
            if (Passes(value) || (value?.Contains(',', StringComparison.Ordinal) == true && MatchesPart(value)))
            {
                return true;
            }
        }

        return values.Count > 1 && Passes(values.ToString());
    }

    private bool MatchesPart(ReadOnlySpan<char> line)
    {
        foreach (var part in line.Split(','))
        {
            if (Passes(line[part].Trim()))
            {
                return true;
            }
        }

        return false;
    }

    private bool Passes(ReadOnlySpan<char> value) => _text.Matches(value) != invert;
}
