namespace Mesh.Policy;

/// <summary>Somebody whose calls a security document would break, by what the services of the mesh have reported.</summary>
public sealed record CallerBreakWire
{
    /// <summary>The service that would refuse, or be refused.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// What breaks it: <c>inbound.tls</c>, <c>inbound.intentions</c>, <c>inbound.authorization</c> or <c>outbound.tls</c>.
    /// </summary>
    public required string Setting { get; init; }

    /// <summary>
    /// Whose calls: a service or an address; <c>others</c> stands for many, and <c>everybody</c> for all callers of instances
    /// that have no identity.
    /// </summary>
    public required string Caller { get; init; }

    /// <summary>The rule that would deny it, when it is one of <c>inbound.authorization</c>.</summary>
    public string? Rule { get; init; }

    /// <summary>Requests of the last 24 hours; instances when it is about their identity.</summary>
    public required long Count { get; init; }

    /// <summary>The last of the requests.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}
