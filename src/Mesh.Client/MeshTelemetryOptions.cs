namespace Mesh.Client;

/// <summary>What of requests may be traced. Everything else of a request is never logged, traced or shown by the mesh.</summary>
public sealed class MeshTelemetryOptions
{
    /// <summary>
    /// Leave the path of a request in <c>url.full</c> of the platform's span of each attempt. Default <see langword="false"/>:
    /// paths hold order numbers and addresses of people; the span has the route's name and the endpoint. The query is never
    /// there.
    /// </summary>
    public bool Paths { get; set; }
}
