namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One HttpClient that was built so far.</summary>
internal sealed record ClientView
{
    /// <summary>The factory's name for it; empty for the default client.</summary>
    public required string Name { get; init; }

    public required bool Meshed { get; init; }

    /// <summary>False: the mesh repeats only what was provably not sent.</summary>
    public required bool Retries { get; init; }

    /// <summary>Why it is not meshed, or its retries are off.</summary>
    public string? Reason { get; init; }
}
