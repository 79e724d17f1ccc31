using System.Globalization;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Deadlines;

/// <summary>
/// Holds a request to its deadline: refused when that has passed already, else <see cref="HttpContext.RequestAborted"/> is
/// cancelled when it does, and what the application has not answered by then is answered for it. Calls made for the
/// request read the deadline from <see cref="ServedRequest"/>. Requests without one never come here.
/// </summary>
internal sealed class DeadlineLayer(TimeProvider time, InboundInstruments instruments)
{
    // By convention of proxies and of the platform's exception handler: the client closed the request.
    private const int ClosedRequest = 499;

    /// <summary>Runs a request that has a deadline.</summary>
    public async Task RunAsync(HttpContext context, ServedRequest served, RequestDelegate next)
    {
        if (time.GetTimestamp() >= served.Due)
        {
            await RefuseAsync(context).ConfigureAwait(false);
            return;
        }

        var aborted = context.RequestAborted;
        var watch = new DeadlineWatch(served, aborted);
        using var tie = watch.Tie();
        context.Response.OnStarting(static state => ((DeadlineWatch)state).ResponseBeginsAsync(), watch);
        context.RequestAborted = watch.Token;
        var cut = false;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (watch.HasPassed)
        {
            cut = true;
        }
        finally
        {
            // What the application left behind keeps a token that nothing cancels any more.
            watch.End();
            context.RequestAborted = aborted;
        }

        if (watch.HasPassed && !context.Response.HasStarted && (cut || IsFailure(context.Response)))
        {
            await RefuseAsync(context).ConfigureAwait(false);
        }
        else if (cut)
        {
            CutShort(context);
        }
    }

    /// <summary>An exception handler of the application has met the cancellation first.</summary>
    private static bool IsFailure(HttpResponse response) =>
        response.StatusCode >= ClosedRequest && !response.Headers.ContainsKey(MeshHeaders.Reason);

    private Task RefuseAsync(HttpContext context)
    {
        instruments.Refused(MeshReasons.Deadline);
        context.Response.Clear();
        return Refusal.WriteAsync(
            context, StatusCodes.Status504GatewayTimeout, GrpcStatus.DeadlineExceeded, MeshReasons.Deadline,
            "The deadline of the call passed before it was answered.");
    }

    /// <summary>The response has begun: what is left to say is that it is not whole.</summary>
    private void CutShort(HttpContext context)
    {
        instruments.Refused(MeshReasons.Deadline);
        if (Refusal.IsGrpc(context.Request) && context.Response.SupportsTrailers())
        {
            context.Response.AppendTrailer(GrpcStatus.Header, GrpcStatus.DeadlineExceeded.ToString(CultureInfo.InvariantCulture));
            return;
        }

        context.Abort();
    }
}
