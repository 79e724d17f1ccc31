using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>
/// An application with one response that goes on until the test ends it: <c>/stream</c>, with a trailer as gRPC has it. It
/// upgrades <c>/upgrade</c>, and answers everything else with its path.
/// </summary>
internal sealed class Streaming : IStartupFilter
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void End() => _end.TrySetResult();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => app.Run(AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/upgrade")
        {
            await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await stream.WriteAsync("raw"u8.ToArray());
            return;
        }

        if (context.Request.Path != "/stream")
        {
            await context.Response.WriteAsync(context.Request.Path);
            return;
        }

        if (context.Response.SupportsTrailers())
        {
            context.Response.DeclareTrailer("grpc-status");
        }

        await context.Response.WriteAsync("first,");
        await context.Response.Body.FlushAsync();
        await _end.Task.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("last");
        if (context.Response.SupportsTrailers())
        {
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
