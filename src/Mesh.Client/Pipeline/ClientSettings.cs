using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>How one HttpClient (one named client of the factory) uses the mesh.</summary>
internal sealed record ClientSettings
{
    /// <summary>The factory's name for it; empty for the default client.</summary>
    public required string Name { get; init; }

    public ClientProfile Profile { get; init; } = ClientProfile.Default;

    /// <summary>Redirects followed within the same service; 0 hands them to the caller.</summary>
    public int MaxRedirects { get; init; }

    /// <summary>Someone else retries outside of the mesh: only provably unsent attempts are repeated.</summary>
    public bool RetriesOff { get; init; }
}
