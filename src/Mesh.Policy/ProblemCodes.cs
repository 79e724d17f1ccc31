namespace Mesh.Policy;

/// <summary>
/// The stable words of <see cref="PolicyProblem.Code"/>; dangers have their own in <see cref="DangerCodes"/>.
/// </summary>
public static class ProblemCodes
{
    /// <summary>The text is not JSON (comments and trailing commas are fine).</summary>
    public const string Syntax = "syntax";

    /// <summary>The document is larger than <see cref="PolicyLimits.DocumentBytes"/>.</summary>
    public const string TooLarge = "too-large";

    /// <summary>Nested deeper than <see cref="PolicyLimits.Depth"/>.</summary>
    public const string TooDeep = "too-deep";

    /// <summary>A list, a map or a text is longer or shorter than allowed.</summary>
    public const string WrongLength = "wrong-length";

    /// <summary>More problems were found than are reported.</summary>
    public const string TooManyProblems = "too-many-problems";

    /// <summary>A value of another JSON type was expected.</summary>
    public const string WrongType = "wrong-type";

    /// <summary>No such field.</summary>
    public const string UnknownField = "unknown-field";

    /// <summary>The same field twice in one object.</summary>
    public const string DuplicateField = "duplicate-field";

    /// <summary>A required field is not there.</summary>
    public const string MissingField = "missing-field";

    /// <summary>A word that is not in the vocabulary of its field.</summary>
    public const string UnknownWord = "unknown-word";

    /// <summary>A duration, percentage, name or the like is not written as one.</summary>
    public const string InvalidFormat = "invalid-format";

    /// <summary>A number, duration or percentage outside its bounds.</summary>
    public const string OutOfRange = "out-of-range";

    /// <summary>A regular expression that does not compile, or not on the non-backtracking engine.</summary>
    public const string InvalidRegex = "invalid-regex";

    /// <summary>Part of the language, but without effect in this version.</summary>
    public const string NotSupported = "not-supported";

    /// <summary>Part of the language, but not at this place or in this document.</summary>
    public const string Misplaced = "misplaced";

    /// <summary>The document is written for another schema version.</summary>
    public const string SchemaVersion = "schema-version";

    /// <summary>Left out by a tolerant reader together with a part that it does not understand.</summary>
    public const string LeftOut = "left-out";

    /// <summary>Two values contradict each other, e.g. an attempt longer than the total.</summary>
    public const string Conflict = "conflict";

    /// <summary>The shares of a split do not add up to 100 %.</summary>
    public const string SplitSum = "split-sum";

    /// <summary>A split or <c>onEmpty</c> names a subset that the document does not define.</summary>
    public const string UnknownSubset = "unknown-subset";

    /// <summary>Subsets stand in for one another in a circle.</summary>
    public const string SubsetCycle = "subset-cycle";

    /// <summary>Two routes have the same name, or two headers differ in case only.</summary>
    public const string DuplicateName = "duplicate-name";

    /// <summary>A route other than a last catch-all is called <see cref="RouteRule.CatchAllName"/>.</summary>
    public const string ReservedName = "reserved-name";

    /// <summary>A route that no call can reach, because one before it takes every call it would take.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>Less than what <c>security/global</c> locks as a minimum.</summary>
    public const string Locked = "locked";
}
