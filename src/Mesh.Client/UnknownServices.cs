namespace Mesh.Client;

/// <summary>What happens to a name that Consul has never heard of.</summary>
public enum UnknownServices
{
    /// <summary>
    /// The request goes to the client's own handler untouched, as without the mesh. Names in
    /// <see cref="MeshOptions.Upstreams"/> and names once seen with endpoints fail instead.
    /// </summary>
    PassThrough,

    /// <summary>The call fails with <see cref="MeshFailureReason.UnknownService"/>.</summary>
    Fail,
}
