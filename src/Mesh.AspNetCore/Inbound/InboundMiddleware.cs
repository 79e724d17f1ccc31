using System.Globalization;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// Reads what members say about a request, takes it off, and tells them when this endpoint is about to stop. What the
/// headers said lives on in the calls made on the request's behalf; the headers themselves are for one hop, and would
/// speak for somebody else where an application forwards what it was sent. Every request is counted until it ends; one
/// that is answered at once passes without a state machine.
/// </summary>
internal sealed class InboundMiddleware(RequestDelegate next, DrainState drain, CallerMembership callers)
{
    public Task InvokeAsync(HttpContext context)
    {
        var member = callers.IsMember(context.Request);
        if (drain.IsDraining)
        {
            // At the start of the response, because error handlers clear what was set before.
            context.Response.OnStarting(member ? TellMember : TellAnyone, context.Response);
        }

        var retried = member && IsRetry(context.Request.Headers);
        TakeOff(context.Request.Headers);
        drain.Enter();
        Task running;
        try
        {
            running = retried ? InvokeRetriedAsync(context) : next(context);
        }
        catch
        {
            drain.Leave();
            throw;
        }

        if (!running.IsCompleted)
        {
            return LeaveAfterAsync(running);
        }

        drain.Leave();
        return running;
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

    private static Task TellMember(object state)
    {
        ((HttpResponse)state).Headers[MeshHeaders.Draining] = "1";
        return TellAnyone(state);
    }

    private static Task TellAnyone(object state)
    {
        // Whoever keeps the connection would meet its end some moment later, perhaps with a request on the way. HTTP/2
        // has a frame for that, which the server sends when it closes; an upgraded connection is no longer HTTP's.
        var response = (HttpResponse)state;
        var isHttp1 = HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol) ||
                      HttpProtocol.IsHttp10(response.HttpContext.Request.Protocol);
        if (isHttp1 && response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    private async Task LeaveAfterAsync(Task running)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
        finally
        {
            drain.Leave();
        }
    }

    // Asynchronous, so that the flag ends with the request: the caller's execution context comes back on return.
    private async Task InvokeRetriedAsync(HttpContext context)
    {
        MeshAmbient.IsRetriedRequest = true;
        await next(context).ConfigureAwait(false);
    }
}
