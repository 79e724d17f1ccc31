using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// What a response says for one hop. It is taken off: forwarded by the application, it would say of this process what was
/// said of another.
/// </summary>
internal static class HopAnswer
{
    /// <returns>The endpoint is about to stop.</returns>
    public static bool TakeDraining(MeshEndpoint endpoint, HttpResponseMessage response)
    {
        if (HttpInternals.PeekHeaders(response) is not { } headers)
        {
            return false;
        }

        var says = headers.Remove(MeshHeaders.Draining);
        if (endpoint.Info.IsMember)
        {
            return says;
        }

        // Only the mesh says why the mesh answered.
        headers.Remove(MeshHeaders.Reason);
        return false;
    }
}
