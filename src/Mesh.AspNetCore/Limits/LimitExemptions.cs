using Mesh.AspNetCore.Door;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// What no limit applies to: ports in which the mesh has no part (<c>PlainPorts</c>: metrics, probes), and the path of the
/// health check. A busy instance that fails its checks would be taken out, and its load would fall on the others.
/// </summary>
internal sealed class LimitExemptions(IOptions<MeshServerOptions> options)
{
    private readonly PathString _check = options.Value.CheckPath;

    public bool Covers(HttpContext context) =>
        (context.Request.Path.Equals(_check) && HttpMethods.IsGet(context.Request.Method)) ||
        context.Features.Get<DoorConnection>() is { Kind: DoorKind.Exempt };
}
