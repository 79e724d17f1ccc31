namespace Mesh.Consul;

/// <summary>A check of an instance: either a TTL that the instance refreshes, or an HTTP probe by the agent.</summary>
public sealed record CheckRegistration
{
    /// <summary>The check's ID, unique on the agent.</summary>
    public required string CheckId { get; init; }

    /// <summary>Its display name.</summary>
    public required string Name { get; init; }

    /// <summary>Critical unless refreshed within this time.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>The URL the agent probes; 2xx is passing, 429 warning, anything else critical.</summary>
    public string? Http { get; init; }

    /// <summary>Pause between probes.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Longest probe.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The state it starts with; Consul's own default is critical.</summary>
    public ConsulHealth InitialStatus { get; init; } = ConsulHealth.Critical;

    /// <summary>The agent removes the instance when critical for longer; at least one minute.</summary>
    public TimeSpan? DeregisterCriticalServiceAfter { get; init; }
}
