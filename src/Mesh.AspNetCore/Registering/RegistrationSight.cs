namespace Mesh.AspNetCore.Registering;

/// <summary>How this instance stands with Consul at one moment. Immutable.</summary>
internal sealed record RegistrationSight
{
    /// <summary>
    /// <c>none</c> (nothing listens yet), <c>waiting</c> (the application's ready checks), <c>registered</c>,
    /// <c>adopted</c> (registered by something else), <c>forgotten</c> or <c>missing</c> (Consul does not know it),
    /// <c>left</c>.
    /// </summary>
    public string State { get; init; } = "none";

    /// <summary>The ID in Consul.</summary>
    public string? Id { get; init; }

    /// <summary>Timestamp at which <see cref="State"/> began.</summary>
    public long? Since { get; init; }

    /// <summary>Timestamp of the last word that Consul took from this process.</summary>
    public long? HeardAt { get; init; }

    /// <summary>What the application's own ready checks said last: <c>passing</c>, <c>warning</c>, <c>critical</c>.</summary>
    public string? Check { get; init; }

    /// <summary>Why Consul cannot be told anything at present.</summary>
    public string? Problem { get; init; }
}
