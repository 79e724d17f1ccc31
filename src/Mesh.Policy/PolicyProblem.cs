namespace Mesh.Policy;

/// <summary>One thing that is wrong with a document, or one part of it that was ignored.</summary>
/// <param name="Path">
/// Where, as a JSON pointer (<c>/retry/maxAttempts</c>); the empty string is the document itself. A missing field is
/// reported at the path it would have.
/// </param>
/// <param name="Code">
/// A stable word for the kind of problem: see <see cref="ProblemCodes"/> and <see cref="DangerCodes"/>.
/// </param>
/// <param name="Message">One sentence for the author: what is wrong and what to do.</param>
/// <param name="Value">What stands there, shortened; <see langword="null"/> when nothing does.</param>
/// <param name="Bound">What would be accepted, e.g. <c>1 to 5</c>.</param>
/// <param name="Suggestion">What was probably meant.</param>
public sealed record PolicyProblem(
    string Path,
    string Code,
    string Message,
    string? Value = null,
    string? Bound = null,
    string? Suggestion = null)
{
    /// <summary>The problem on one line: path, message.</summary>
    public override string ToString() => $"{(Path.Length == 0 ? "/" : Path)}: {Message}";
}
