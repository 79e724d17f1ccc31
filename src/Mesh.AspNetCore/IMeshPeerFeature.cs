using Mesh.Client;

namespace Mesh.AspNetCore;

/// <summary>
/// Who calls, as proved by the connection: in <c>HttpContext.Features</c> of every request that came over TLS of the mesh.
/// Absent on plaintext connections; headers have no say in it.
/// </summary>
public interface IMeshPeerFeature
{
    /// <summary>The verified identity of the caller.</summary>
    SpiffeId Id { get; }

    /// <summary>
    /// The caller's service, when its ID names one and is of this process's own trust domain; <see langword="null"/>
    /// otherwise.
    /// </summary>
    string? Service { get; }
}
