namespace Mesh.Client;

/// <summary>
/// Header names of the mesh. They are spoken between members only, hop by hop: the mesh takes them off requests and
/// responses of others, so that an application neither sees them nor forwards them.
/// </summary>
public static class MeshHeaders
{
    /// <summary>
    /// On requests to members: the calling service, which marks the request as a member's. Anybody can write it: it keeps
    /// accidents apart from members, and is no proof of who calls.
    /// </summary>
    public const string Caller = "mesh-caller";

    /// <summary>On requests to members: the attempt's number, from 2; the callee then does not retry on its behalf.</summary>
    public const string Attempt = "mesh-attempt";

    /// <summary>
    /// On requests to members: milliseconds the caller still waits for response headers, where it does not wait for ever.
    /// </summary>
    public const string Deadline = "mesh-deadline-ms";

    /// <summary>
    /// On requests to members: how much the call matters when not all can be served, where anybody said so:
    /// <c>critical_plus</c>, <c>critical</c> (what is not marked is this), <c>sheddable_plus</c>, <c>sheddable</c>.
    /// </summary>
    public const string Criticality = "mesh-criticality";

    /// <summary>On responses of members to members: the endpoint is about to stop; new calls should go elsewhere.</summary>
    public const string Draining = "mesh-draining";

    /// <summary>On responses the mesh itself made: why.</summary>
    public const string Reason = "mesh-reason";
}
