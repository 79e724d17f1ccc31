using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// Which documents concern a client: the global ones, those of the services it calls, and its own: as a caller, about the
/// calls it receives, and about its door. Nobody else gets what stands at a door.
/// </summary>
/// <param name="services">Services that are called; <see langword="null"/> for all documents.</param>
/// <param name="caller">Who calls.</param>
/// <param name="mayRead">What the client may know of that; <see langword="null"/> for everything.</param>
internal sealed class PolicySelection(
    IReadOnlySet<string>? services, string? caller, Func<PolicyKey, bool>? mayRead = null)
{
    /// <summary>Reads the query of a stream. Without <c>services</c>, all documents are meant.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="proved">The service that the client proved to be, which counts and not what it says.</param>
    /// <param name="mayRead">What it may know.</param>
    public static PolicySelection From(
        IQueryCollection query, string? proved = null, Func<PolicyKey, bool>? mayRead = null)
    {
        var services = query["services"];
        var caller = proved ?? query["caller"].ToString();
        return new PolicySelection(
            services.Count == 0 ? null : Names(services.ToString()),
            caller.Length == 0 ? null : caller,
            mayRead);
    }

    public bool Includes(PolicyKey key) => IsAsked(key) && mayRead?.Invoke(key) != false;

    private bool IsAsked(PolicyKey key) => services is null || key.Scope switch
    {
        PolicyScope.Global => true,
        PolicyScope.Service when key.Kind == PolicyDocumentKind.Security => IsCaller(key),
        PolicyScope.Service => services.Contains(key.Name!) ||
                               (key.Kind == PolicyDocumentKind.Traffic && IsCaller(key)),
        _ => IsCaller(key),
    };

    private bool IsCaller(PolicyKey key) => string.Equals(key.Name, caller, StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> Names(string list) => list
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);
}
