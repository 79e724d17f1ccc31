namespace Mesh.Client.Pipeline;

/// <summary>The policy documents in force.</summary>
/// <param name="ConfirmedAt">When a source last said so.</param>
/// <param name="Documents">The documents as their authors wrote them.</param>
internal sealed record SnapshotPolicy(DateTimeOffset ConfirmedAt, SnapshotText[] Documents);
