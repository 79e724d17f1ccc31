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
internal sealed class InboundMiddleware
{
    private readonly RequestDelegate _next;
    private readonly DrainState _drain;
    private readonly CallerMembership _callers;
    private readonly Func<object, Task> _tellMember;
    private readonly Func<object, Task> _tellAnyone;

    public InboundMiddleware(RequestDelegate next, DrainState drain, CallerMembership callers)
    {
        (_next, _drain, _callers) = (next, drain, callers);
        _tellMember = response => Tell((HttpResponse)response, member: true);
        _tellAnyone = response => Tell((HttpResponse)response, member: false);
    }

    public Task InvokeAsync(HttpContext context)
    {
        var member = _callers.IsMember(context.Request);

        // At the start of the response: the stop may begin while the request runs, and error handlers clear what was set
        // before.
        context.Response.OnStarting(member ? _tellMember : _tellAnyone, context.Response);
        var retried = member && IsRetry(context.Request.Headers);
        TakeOff(context.Request.Headers);
        _drain.Enter();
        Task running;
        try
        {
            running = retried ? InvokeRetriedAsync(context) : _next(context);
        }
        catch
        {
            _drain.Leave();
            throw;
        }

        if (!running.IsCompleted)
        {
            return LeaveAfterAsync(running);
        }

        _drain.Leave();
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

    private Task Tell(HttpResponse response, bool member)
    {
        if (!_drain.IsDraining)
        {
            return Task.CompletedTask;
        }

        if (member)
        {
            response.Headers[MeshHeaders.Draining] = "1";
        }

        // Whoever keeps the connection would meet its end some moment later, perhaps with a request on the way. HTTP/2
        // has a frame for that, which the server sends when it closes; an upgraded connection is no longer HTTP's.
        var protocol = response.HttpContext.Request.Protocol;
        var isHttp1 = HttpProtocol.IsHttp11(protocol) || HttpProtocol.IsHttp10(protocol);
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
            _drain.Leave();
        }
    }

    // Asynchronous, so that the flag ends with the request: the caller's execution context comes back on return.
    private async Task InvokeRetriedAsync(HttpContext context)
    {
        MeshAmbient.IsRetriedRequest = true;
        await _next(context).ConfigureAwait(false);
    }
}
