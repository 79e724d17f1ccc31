namespace Mesh.OpenTelemetry;

/// <summary>What spans may tell.</summary>
public sealed class MeshTracingOptions
{
    /// <summary>
    /// Attributes that are exported as they are although they may hold what users typed: <c>url.full</c>,
    /// <c>url.path</c>, <c>url.query</c>, <c>client.address</c>, <c>server.address</c> (of requests),
    /// <c>user_agent.original</c>, <c>http.request.header.&lt;name&gt;</c> and so on. Default none. The <c>url.full</c> of
    /// meshed calls has no path in any exporter unless <see cref="Mesh.Client.MeshTelemetryOptions.Paths"/> is set too.
    /// </summary>
    public ISet<string> AllowedAttributes { get; } = new HashSet<string>(StringComparer.Ordinal);
}
