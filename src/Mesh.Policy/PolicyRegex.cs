using System.Globalization;
using System.Text.RegularExpressions;
using Mesh.Policy.Language;

namespace Mesh.Policy;

/// <summary>
/// How <see cref="StringMatchKind.Regex"/> patterns are compiled, here and wherever they are matched.
/// </summary>
public static partial class PolicyRegex
{
    /// <summary>
    /// Largest product of a pattern's counted repetitions. The engine unrolls them, so <c>((a{1000}){1000}){1000}</c>
    /// would be an automaton of a billion states; a UUID written with counts is 6,144.
    /// </summary>
    private const long MaxRepetitions = 10_000;

    /// <summary>
    /// Compiles a pattern to match a text as a whole, on the engine whose time is linear in the text, so that no
    /// policy and no request can make a match slow.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The pattern is none; validation refuses it with <c>invalid-regex</c>.
    /// </exception>
    /// <exception cref="NotSupportedException">The engine has no backreferences and lookarounds.</exception>
    public static Regex Compile(string pattern) =>
        new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Why a pattern is refused, in one sentence; <see langword="null"/> when it is fine.</summary>
    internal static string? WhyNot(string pattern)
    {
        try
        {
            // On its own and on the ordinary engine first: "a)(b" would compile within the group that Compile adds,
            // and the repetitions must be known to be few before they are unrolled.
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            if (Repetitions(pattern) > MaxRepetitions)
            {
                return $"The counted repetitions of the pattern multiply to more than {MaxRepetitions}; " +
                       "use * or + instead.";
            }

            _ = Compile(pattern);
            return null;
        }
        catch (RegexParseException e)
        {
            return $"The regular expression is not valid at character {e.Offset + 1}: {e.Error}.";
        }
        catch (NotSupportedException)
        {
            return "The regular expression needs backtracking (a backreference, lookaround or atomic group), " +
                   "which is not allowed.";
        }
        catch (ArgumentException e)
        {
            return $"The regular expression is not valid: {PolicyNode.Shorten(e.Message)}";
        }
    }

    private static long Repetitions(string pattern)
    {
        long product = 1;
        foreach (var match in CountedRepetition().EnumerateMatches(pattern))
        {
            var counts = pattern.AsSpan(match.Index + 1, match.Length - 2);
            var comma = counts.IndexOf(',');
            var largest = comma < 0 || comma == counts.Length - 1 ? counts.TrimEnd(',') : counts[(comma + 1)..];
            product *= Math.Max(1, Math.Min(MaxRepetitions + 1, long.Parse(largest, CultureInfo.InvariantCulture)));
            if (product > MaxRepetitions)
            {
                break;
            }
        }

        return product;
    }

    [GeneratedRegex(@"\{[0-9]{1,9}(,[0-9]{0,9})?\}")]
    private static partial Regex CountedRepetition();
}
