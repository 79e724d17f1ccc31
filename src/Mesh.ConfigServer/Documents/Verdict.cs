using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>What the desk thinks of one revision.</summary>
/// <param name="Problems">Everything wrong with it; empty when it takes effect.</param>
/// <param name="Ignored">What is left out of it.</param>
/// <param name="Good">The document, when it takes effect.</param>
internal sealed record Verdict(
    IReadOnlyList<PolicyProblem> Problems, IReadOnlyList<PolicyProblem> Ignored, GoodDocument? Good);
