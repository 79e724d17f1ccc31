using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.Scenarios.Service;

/// <summary>The same over gRPC: a unary call, a stream of the server, and one of both sides.</summary>
internal static class GrpcEndpoints
{
    public static void MapGrpc(this WebApplication app)
    {
        var who = $"{app.Services.GetRequiredService<ServiceSettings>().Instance} {Environment.ProcessId}";
        app.MapPost(GrpcFrames.Work, (HttpContext context, CallLedger ledger) => ServeAsync(context, async id =>
        {
            ledger.Add(id);
            await SendAsync(context, who);
        }));
        app.MapPost(GrpcFrames.Watch, (HttpContext context) => ServeAsync(context, async request =>
        {
            var (lines, every) = (int.Parse(request.Split(' ')[0]), int.Parse(request.Split(' ')[1]));
            for (var line = 1; line <= lines; line++)
            {
                await SendAsync(context, $"{line} of {lines} by {who}");
                await Task.Delay(every, context.RequestAborted);
            }
        }));
        app.MapPost(
            GrpcFrames.Talk,
            (HttpContext context) => ServeAsync(context, message => SendAsync(context, $"{message} to {who}")));
    }

    /// <summary>Answers each message of the caller in turn; the status follows when the caller has no more.</summary>
    private static async Task ServeAsync(HttpContext context, Func<string, Task> answer)
    {
        // A stream may be silent: the smallest rate that Kestrel demands would reset the whole connection.
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        context.Response.ContentType = GrpcFrames.ContentType;
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.StartAsync(context.RequestAborted);
        while (await GrpcFrames.ReadAsync(context.Request.Body, context.RequestAborted) is { } message)
        {
            await answer(message);
        }

        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task SendAsync(HttpContext context, string message)
    {
        await context.Response.Body.WriteAsync(GrpcFrames.Frame(message), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
