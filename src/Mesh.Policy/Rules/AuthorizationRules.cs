namespace Mesh.Policy;

/// <summary>
/// <c>inbound.authorization</c>: ordered rules, of which the first that matches decides. Those that the global document
/// locks are asked by themselves and before: see <see cref="SecurityPolicy.LockedAuthorization"/>.
/// </summary>
public sealed record AuthorizationRules
{
    /// <summary>In order; the first match decides.</summary>
    public required IReadOnlyList<AuthorizationRule> Rules { get; init; }

    /// <summary>What happens to a request that no rule matches.</summary>
    public required AuthorizationAction Otherwise { get; init; }
}
