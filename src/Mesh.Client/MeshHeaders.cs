namespace Mesh.Client;

/// <summary>Header names of the mesh.</summary>
public static class MeshHeaders
{
    /// <summary>On requests to members: the attempt's number, from 2; the callee then does not retry on its behalf.</summary>
    public const string Attempt = "mesh-attempt";

    /// <summary>On requests to members: milliseconds the caller still waits.</summary>
    public const string Deadline = "mesh-deadline-ms";

    /// <summary>On responses: the endpoint is about to stop; new calls should go elsewhere.</summary>
    public const string Draining = "mesh-draining";

    /// <summary>On responses the mesh itself made: why.</summary>
    public const string Reason = "mesh-reason";
}
