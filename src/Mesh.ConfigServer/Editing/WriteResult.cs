using Mesh.ConfigServer.Documents;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.Editing;

/// <summary>What became of a change, with what its author needs to know.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Verdict">What the desk thinks of the document; <see langword="null"/> on a conflict.</param>
/// <param name="Obedience">Which clients would obey it; <see langword="null"/> unless the document was judged.</param>
internal sealed record WriteResult(WriteOutcome Outcome, Verdict? Verdict = null, ObedienceWire? Obedience = null)
{
    /// <summary>Whose calls it breaks.</summary>
    public IReadOnlyList<CallerBreakWire> Breaks { get; init; } = [];

    /// <summary>The revision written, as far as this desk has seen it come by.</summary>
    public PolicyRevision? Revision { get; init; }

    /// <summary>What is in KV now; <see langword="null"/> when nothing is, or nobody asked.</summary>
    public KvEntry? Present { get; init; }
}
