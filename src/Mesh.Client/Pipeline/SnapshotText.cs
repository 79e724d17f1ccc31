using System.Text.Json.Serialization;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>A policy document on disk.</summary>
/// <param name="Key">Its key, relative to the mesh's prefix.</param>
/// <param name="Datacenter">Where it was read.</param>
/// <param name="ModifyIndex">Its index there.</param>
/// <param name="Body">Its text; the hash is taken of it anew when it is read.</param>
internal sealed record SnapshotText(string Key, string Datacenter, ulong ModifyIndex, string Body)
{
    /// <summary>It is about doors: see <see cref="SnapshotStore.FindDocuments"/>.</summary>
    [JsonIgnore]
    public bool IsOfSecurity => PolicyKey.TryParse(Key, out var key) && key.Kind == PolicyDocumentKind.Security;
}
