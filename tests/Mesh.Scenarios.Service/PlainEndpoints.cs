using System.Text;

namespace Mesh.Scenarios.Service;

/// <summary>
/// Endpoints of any HTTP version. Who answers is <c>instance pid</c>, a line for each hop. A call that failed further
/// down is answered with 500, which nobody repeats: it stays a failure for the caller at the front.
/// </summary>
internal static class PlainEndpoints
{
    public static void MapPlain(this WebApplication app)
    {
        var who = $"{app.Services.GetRequiredService<ServiceSettings>().Instance} {Environment.ProcessId}";
        app.MapGet("/who", (NextHops next, HttpContext context, int hops = 0) => AnswerAsync(
            context, who, next.CallAsync(HttpMethod.Get, "/who", hops, context.RequestAborted)));
        app.MapPost("/work/{id}", (string id, CallLedger ledger, NextHops next, HttpContext context, int hops = 0) =>
        {
            ledger.Add(id);
            return AnswerAsync(
                context, who, next.CallAsync(HttpMethod.Post, $"/work/{id}", hops, context.RequestAborted));
        });
        app.MapGet("/pool", PooledWork(connections: 4, TimeSpan.FromMilliseconds(20)));
        app.MapGet("/stream", (HttpContext context, int lines, int every) => StreamAsync(context, who, lines, every));
    }

    /// <summary>
    /// Work with a capacity, which goes on whether or not its caller still waits, as that of most handlers does.
    /// </summary>
    private static Func<Task> PooledWork(int connections, TimeSpan each)
    {
        var pool = new SemaphoreSlim(connections);
        return async () =>
        {
            await pool.WaitAsync();
            try
            {
                await Task.Delay(each);
            }
            finally
            {
                pool.Release();
            }
        };
    }

    private static async Task AnswerAsync(HttpContext context, string who, Task<string> next)
    {
        try
        {
            await context.Response.WriteAsync(who + await next);
        }
        catch (HttpRequestException failure)
        {
            Console.WriteLine($"{context.Request.Method} {context.Request.Path}: {failure}");
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync($"{who}: {failure.Message}");
        }
    }

    /// <summary>One line of JSON every so many milliseconds; the last one says that nothing is missing.</summary>
    private static async Task StreamAsync(HttpContext context, string who, int lines, int every)
    {
        context.Response.ContentType = "application/x-ndjson";
        for (var line = 1; line <= lines; line++)
        {
            var text = $$"""{"line":{{line}},"of":{{lines}},"by":"{{who}}"}""" + "\n";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(every, context.RequestAborted);
        }
    }
}
