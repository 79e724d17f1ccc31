using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// <c>inbound.concurrency</c>: what there is no room for is turned away before the application, with a word by which a
/// member knows that nothing was executed and asks another endpoint.
/// </summary>
internal sealed class ConcurrencyMiddleware(
    RequestDelegate next, InboundLimits limits, LimitExemptions exemptions, InboundInstruments instruments)
{
    // Bodies up to this size usually come with their headers; how long a larger one takes is its sender's doing.
    private const long SmallBody = 64 * 1024;

    private readonly AdmittedQueue _queue = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (limits.Gate is not { } gate || exemptions.Covers(context))
        {
            return next(context);
        }

        var criticality = context.Features.Get<ServedRequest>()?.Criticality ?? MeshCriticality.Critical;
        var isTimed = IsTimed(context);
        var admission = gate.TryEnter(criticality, isTimed);
        if (admission is null)
        {
            instruments.Shed(criticality, gate.IsShadow);
            if (!gate.IsShadow)
            {
                return Refusal.WriteAsync(
                    context, StatusCodes.Status503ServiceUnavailable, GrpcStatus.Unavailable, MeshReasons.Overloaded,
                    "This instance has more to do than it can; the call was not executed.");
            }

            admission = gate.TryEnter(criticality, isTimed, always: true)!;
        }

        return RunAsync(context, gate, admission);
    }

    private static bool IsTimed(HttpContext context) => context.Request.ContentLength is { } length
        ? length <= SmallBody
        : context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true } ||
          Refusal.IsGrpc(context.Request);

    private async Task RunAsync(HttpContext context, ConcurrencyGate gate, Admission admission)
    {
        try
        {
            context.Response.OnStarting(
                static state =>
                {
                    var (admitted, response) = ((Admission, HttpResponse))state;
                    admitted.End(response.StatusCode);
                    return Task.CompletedTask;
                },
                (admission, context.Response));
            if (gate.InFlight > Environment.ProcessorCount)
            {
                await _queue.Turn();

                // Whoever gave up meanwhile needs no answer.
                context.RequestAborted.ThrowIfCancellationRequested();
            }

            await next(context).ConfigureAwait(false);
        }
        catch
        {
            admission.End(StatusCodes.Status500InternalServerError);
            throw;
        }

        admission.End(context.Response.StatusCode);
    }
}
