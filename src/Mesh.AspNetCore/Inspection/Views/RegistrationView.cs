namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>How this instance stands with Consul.</summary>
internal sealed record RegistrationView
{
    public required string State { get; init; }

    public string? Id { get; init; }

    public double? SinceSeconds { get; init; }

    /// <summary>Since Consul last took a word from this process.</summary>
    public double? HeardSeconds { get; init; }

    /// <summary>What the application's own ready checks said last.</summary>
    public string? Check { get; init; }

    public string? Problem { get; init; }
}
