namespace Mesh.Policy;

/// <summary>A test on a path, a header value or a query value.</summary>
/// <param name="Kind">How <paramref name="Value"/> is compared.</param>
/// <param name="Value">
/// What is compared, ordinally and case-sensitively; a pattern for <see cref="StringMatchKind.Regex"/>; empty for
/// <see cref="StringMatchKind.Present"/> and <see cref="StringMatchKind.Absent"/>.
/// </param>
public sealed record StringMatch(StringMatchKind Kind, string Value);
