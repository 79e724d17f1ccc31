using System.Globalization;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// Reads what callers say about a request, and tells them when this endpoint is about to stop. The ordinary request
/// passes without a state machine of its own.
/// </summary>
internal sealed class InboundMiddleware(RequestDelegate next, DrainState drain)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (drain.IsDraining)
        {
            // At the start of the response, because error handlers clear what was set before.
            context.Response.OnStarting(static state => MarkDraining((HttpResponse)state), context.Response);
        }

        return IsRetry(context.Request) ? InvokeRetriedAsync(context) : next(context);
    }

    private static bool IsRetry(HttpRequest request) =>
        request.Headers.TryGetValue(MeshHeaders.Attempt, out var value) &&
        int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) &&
        attempt > 1;

    private static Task MarkDraining(HttpResponse response)
    {
        response.Headers[MeshHeaders.Draining] = "1";
        return Task.CompletedTask;
    }

    // Asynchronous, so that the flag ends with the request: the caller's execution context comes back on return.
    private async Task InvokeRetriedAsync(HttpContext context)
    {
        MeshAmbient.IsRetriedRequest = true;
        await next(context).ConfigureAwait(false);
    }
}
