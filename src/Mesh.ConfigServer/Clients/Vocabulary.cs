using System.Collections.Frozen;
using Mesh.Policy;

namespace Mesh.ConfigServer.Clients;

/// <summary>What clients of one version understand.</summary>
internal sealed class Vocabulary(ClientVocabulary from)
{
    // Names of algorithms are registered in any case.
    private readonly FrozenSet<string> _terms = from.Terms.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The parts of a document that such a client leaves out, as JSON pointers in their order.</summary>
    public IReadOnlyList<string> PartsNotUnderstood(int schema, IReadOnlyList<PolicyTerm> used)
    {
        var parts = new List<string>();
        if (schema > from.Schema)
        {
            parts.Add("/schema");
        }

        foreach (var term in used)
        {
            // What stands within a part that is left out goes with it.
            if (!_terms.Contains(term.Name) && !parts.Any(p => IsWithin(term.Path, p)))
            {
                parts.Add(term.Path);
            }
        }

        return parts;
    }

    private static bool IsWithin(string path, string part) =>
        path == part || (path.StartsWith(part, StringComparison.Ordinal) && path[part.Length] == '/');
}
