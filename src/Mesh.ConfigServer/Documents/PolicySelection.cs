using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// Which documents concern a client: the global ones, those of the services it calls, and its own as a caller.
/// </summary>
internal sealed class PolicySelection(IReadOnlySet<string>? services, string? caller)
{
    /// <summary>Reads the query of a stream. Without <c>services</c>, all documents are meant.</summary>
    public static PolicySelection From(IQueryCollection query)
    {
        var services = query["services"];
        var caller = query["caller"].ToString();
        return new PolicySelection(
            services.Count == 0 ? null : Names(services.ToString()),
            caller.Length == 0 ? null : caller);
    }

    public bool Includes(PolicyKey key) => services is null || key.Scope switch
    {
        PolicyScope.Global => true,
        PolicyScope.Service => services.Contains(key.Name!),
        _ => string.Equals(key.Name, caller, StringComparison.OrdinalIgnoreCase),
    };

    private static HashSet<string> Names(string list) => list
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);
}
