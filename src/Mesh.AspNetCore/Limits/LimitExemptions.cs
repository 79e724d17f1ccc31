using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// What no limit applies to: <c>PlainPorts</c> (metrics, probes), and the path of the health check. A busy instance that fails
/// its checks would be taken out, and its load would fall on the others. An application's own HTTPS is limited as its callers
/// of the mesh are: leaving the mesh out is no way around a limit.
/// </summary>
internal sealed class LimitExemptions(IOptions<MeshServerOptions> options)
{
    private readonly PathString _check = options.Value.CheckPath;
    private readonly int[] _plainPorts = [.. options.Value.PlainPorts];

    public bool Covers(HttpContext context) =>
        (context.Request.Path.Equals(_check) && HttpMethods.IsGet(context.Request.Method)) ||
        Array.IndexOf(_plainPorts, context.Connection.LocalPort) >= 0;
}
