using System.Diagnostics.CodeAnalysis;

namespace Mesh.Policy;

/// <summary>What reading a document gave.</summary>
/// <typeparam name="T">The kind of document.</typeparam>
public sealed class PolicyReadResult<T>
    where T : class
{
    internal PolicyReadResult(T? document, IReadOnlyList<PolicyProblem> problems, IReadOnlyList<PolicyProblem> ignored)
    {
        Document = problems.Count == 0 ? document : null;
        Problems = problems;
        Ignored = ignored;
    }

    /// <summary>The document, or <see langword="null"/> when it was refused.</summary>
    public T? Document { get; }

    /// <summary>
    /// Everything that is wrong, in the order of the document and what lies between its parts last; empty when it is
    /// accepted.
    /// </summary>
    public IReadOnlyList<PolicyProblem> Problems { get; }

    /// <summary>Everything that was left out because this version does not understand it.</summary>
    public IReadOnlyList<PolicyProblem> Ignored { get; }

    /// <summary>True when the document may take effect.</summary>
    [MemberNotNullWhen(true, nameof(Document))]
    public bool IsAccepted => Document is not null;
}
