namespace Mesh.Client;

/// <summary>Which names the mesh takes.</summary>
public enum MeshAdoption
{
    /// <summary>Every mesh name.</summary>
    All,

    /// <summary>Only names listed in <see cref="MeshOptions.Upstreams"/>.</summary>
    Listed,
}
