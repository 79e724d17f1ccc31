using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Keeps whom a request without an identity says it comes from, before the hop's headers are taken off: whoever would be
/// denied is listed by it. Only while something decides about requests.
/// </summary>
internal sealed class ClaimedCallerMiddleware(RequestDelegate next, AuthorizationGate gate)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (gate.State is not null && context.Features.Peer() is null &&
            CallerName.Claimed(context.Request) is { } name)
        {
            context.Features.Set(new ClaimedCaller(ForeignText.Of(name)));
        }

        return next(context);
    }
}
