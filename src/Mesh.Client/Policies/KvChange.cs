using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>What an answer of Consul says about the keys of a mesh, compared with what was believed before.</summary>
/// <param name="Written">Keys that are new, changed, or back after having been orphaned.</param>
/// <param name="Deleted">Keys whose absence is believed.</param>
/// <param name="Orphaned">Keys that are absent without proof of a deletion: what they last said stays in force.</param>
internal sealed record KvChange(
    IReadOnlyList<KvEntry> Written, IReadOnlyList<string> Deleted, IReadOnlyList<string> Orphaned)
{
    public bool IsEmpty => Written.Count == 0 && Deleted.Count == 0 && Orphaned.Count == 0;
}
