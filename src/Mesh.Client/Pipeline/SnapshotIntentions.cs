namespace Mesh.Client.Pipeline;

/// <summary>Who may call this service, as the registry last said.</summary>
/// <param name="ConfirmedAt">When it last said so.</param>
/// <param name="Index">At which index.</param>
/// <param name="TrustDomain">Of this process then: of another one, it was another registry.</param>
/// <param name="DefaultAllows">The registry's default; <see langword="null"/> when it was never known.</param>
/// <param name="Intentions">All that were in force.</param>
internal sealed record SnapshotIntentions(
    DateTimeOffset ConfirmedAt, ulong Index, string? TrustDomain, bool? DefaultAllows, SnapshotIntention[] Intentions);
