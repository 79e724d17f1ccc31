using System.Globalization;
using Mesh.AspNetCore.Deadlines;
using Mesh.AspNetCore.Limits;
using Mesh.Client;
using Mesh.Client.Attempts;
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
    private readonly InboundLimits _limits;
    private readonly DeadlineReader _reader;
    private readonly CriticalityReader _criticality;
    private readonly DeadlineLayer _deadlines;
    private readonly TimeProvider _time;
    private readonly Func<object, Task> _tellMember;
    private readonly Func<object, Task> _tellAnyone;

    public InboundMiddleware(
        RequestDelegate next,
        DrainState drain,
        CallerMembership callers,
        InboundInstruments instruments,
        InboundLimits limits,
        TimeProvider time)
    {
        (_next, _drain, _callers, _limits, _time) = (next, drain, callers, limits, time);
        _criticality = new CriticalityReader(instruments);
        _reader = new DeadlineReader(time, instruments);
        _deadlines = new DeadlineLayer(time, instruments);
        _tellMember = response => Tell((HttpResponse)response, member: true);
        _tellAnyone = response => Tell((HttpResponse)response, member: false);
    }

    public Task InvokeAsync(HttpContext context)
    {
        var member = _callers.IsMember(context.Request);

        // At the start of the response: the stop may begin while the request runs, and error handlers clear what was set
        // before.
        context.Response.OnStarting(member ? _tellMember : _tellAnyone, context.Response);
        var served = Read(context.Request, member);
        TakeOff(context.Request.Headers, member);
        _drain.Enter();
        Task running;
        try
        {
            running = served is null ? _next(context) : Serve(context, served);
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

    private static bool TakeRetry(IHeaderDictionary headers) =>
        headers.TryGetValue(MeshHeaders.Attempt, out var value) && headers.Remove(MeshHeaders.Attempt) &&
        int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) &&
        attempt > 1;

    private static void TakeOff(IHeaderDictionary headers, bool member)
    {
        headers.Remove(MeshHeaders.Caller);
        if (member)
        {
            // Its other headers went when they were read: most requests have none, and looking for one costs 30 ns.
            return;
        }

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

    /// <summary>What the request says that its calls should know; <see langword="null"/> when that is nothing.</summary>
    private ServedRequest? Read(HttpRequest request, bool member)
    {
        var whole = _reader.OfGrpc(request);
        var due = member ? _reader.TakeOfMember(request) : AttemptDeadline.Never;
        var retried = member && TakeRetry(request.Headers);
        var criticality = member ? _criticality.TakeOfMember(request) : null;
        if (criticality > MeshCriticality.Critical && !_callers.MayMatterMore(request.HttpContext))
        {
            criticality = MeshCriticality.Critical;
        }

        var caller = member && _limits.Rates.Length > 0 ? request.Headers[MeshHeaders.Caller].ToString() : null;
        return retried || criticality is not null || caller is not null ||
            whole != AttemptDeadline.Never || due != AttemptDeadline.Never
            ? new ServedRequest(_time)
            {
                IsRetried = retried,
                Criticality = criticality,
                ClaimedCaller = caller,
                WholeDue = whole,
                HeadersDue = due,
            }
            : null;
    }

    private Task Serve(HttpContext context, ServedRequest served)
    {
        // For the layers of limits; calls made for the request find it where they are made.
        context.Features.Set(served);
        return served.HandsOn ? ServeAsync(context, served) : _next(context);
    }

    // Asynchronous, so that what it sets ends with the request: the caller's execution context comes back on return.
    private async Task ServeAsync(HttpContext context, ServedRequest served)
    {
        MeshAmbient.Served = served;
        try
        {
            var running = served.Due == AttemptDeadline.Never
                ? _next(context)
                : _deadlines.RunAsync(context, served, _next);
            await running.ConfigureAwait(false);
        }
        finally
        {
            served.End();
        }
    }
}
