using System.Globalization;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// Reads what members say about a request, takes it off, and tells them when this endpoint is about to stop. What the
/// headers said lives on in the calls made on the request's behalf; the headers themselves are for one hop, and would
/// speak for somebody else where an application forwards what it was sent. The ordinary request passes without a state
/// machine of its own.
/// </summary>
internal sealed class InboundMiddleware(RequestDelegate next, DrainState drain, CallerMembership callers)
{
    public Task InvokeAsync(HttpContext context)
    {
        var member = callers.IsMember(context.Request);
        if (member && drain.IsDraining)
        {
            // At the start of the response, because error handlers clear what was set before.
            context.Response.OnStarting(static state => MarkDraining((HttpResponse)state), context.Response);
        }

        var retried = member && IsRetry(context.Request.Headers);
        TakeOff(context.Request.Headers);
        return retried ? InvokeRetriedAsync(context) : next(context);
    }

    private static bool IsRetry(IHeaderDictionary headers) =>
        headers.TryGetValue(MeshHeaders.Attempt, out var value) &&
        int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) &&
        attempt > 1;

    private static void TakeOff(IHeaderDictionary headers)
    {
        headers.Remove(MeshHeaders.Caller);
        headers.Remove(MeshHeaders.Attempt);
        headers.Remove(MeshHeaders.Deadline);
        headers.Remove(MeshHeaders.Criticality);
    }

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
