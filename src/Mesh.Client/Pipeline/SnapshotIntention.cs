using Mesh.Consul;

namespace Mesh.Client.Pipeline;

/// <summary>An intention on disk.</summary>
/// <param name="Intention">The intention.</param>
/// <param name="IsOrphaned">It had vanished in a way that is not believed.</param>
internal sealed record SnapshotIntention(Intention Intention, bool IsOrphaned);
