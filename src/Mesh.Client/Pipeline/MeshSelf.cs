namespace Mesh.Client.Pipeline;

/// <summary>Who this process is, after defaults.</summary>
/// <param name="Mesh">The mesh's name, also the KV prefix.</param>
/// <param name="Service">This process's service.</param>
/// <param name="Instance">This instance, unique within the service.</param>
/// <param name="Version">Its version.</param>
/// <param name="Zone">Its failure domain.</param>
internal sealed record MeshSelf(string Mesh, string Service, string Instance, string Version, string? Zone);
