using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>
/// Completes the platform's span of a request when it was answered. A request that is not traced just passes.
/// </summary>
internal sealed class ServerSpanMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span
            ? InvokeTracedAsync(context, span)
            : next(context);

    private async Task InvokeTracedAsync(HttpContext context, Activity span)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            ServerSpan.Complete(span, context, exception);
            throw;
        }

        ServerSpan.Complete(span, context, exception: null);
    }
}
