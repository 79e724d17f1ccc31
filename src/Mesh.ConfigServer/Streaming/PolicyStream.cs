using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mesh.ConfigServer.Access;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Http;
using Mesh.Policy;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Streaming;

/// <summary><c>GET /v1/policies/stream</c>: server-sent events, a snapshot first, then what changes.</summary>
internal sealed class PolicyStream(
    DocumentStore store,
    IOptions<DeskOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    DeskInstruments instruments)
{
    private int _open;

    public async Task HandleAsync(HttpContext context)
    {
        if (store.Observe() is null)
        {
            // An empty snapshot would say that no policy exists.
            await Answers.NotReadyAsync(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _open) > options.Value.MaxStreams)
            {
                await Answers.ProblemAsync(
                    context, StatusCodes.Status503ServiceUnavailable, "Too many streams are open.");
                return;
            }

            await StreamAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task StreamAsync(HttpContext context)
    {
        // Streams never end by themselves; the desk must not wait for them when it stops.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache,no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var asker = Asker.Of(context);
        var cursor = new StreamCursor(
            PolicySelection.From(context.Request.Query, asker.Service, asker.MayReadOnStream), context.Request.Headers["Last-Event-ID"].ToString());
        try
        {
            await SseFormatter.WriteAsync(
                EventsAsync(cursor, ended.Token),
                context.Response.Body,
                static (item, buffer) =>
                {
                    using var writer = new Utf8JsonWriter(buffer);
                    JsonSerializer.Serialize(writer, item.Data, MeshWireJson.Default.PolicyEvent);
                },
                ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has gone, or the desk goes.
        }
    }

    private async IAsyncEnumerable<SseItem<PolicyEvent>> EventsAsync(
        StreamCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (state, changed) = store.Observe()!.Value;
        yield return Item(cursor.Begin(state));
        while (true)
        {
            var (next, replaced) = await WaitAsync(changed, cancellationToken);
            changed = replaced;
            yield return Item(cursor.Next(next) ?? cursor.Heartbeat(next));
        }
    }

    /// <returns>The state after a change, and what followed it closely; or the same one after a long silence.</returns>
    private async Task<(DeskState State, Task Changed)> WaitAsync(Task changed, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(options.Value.Heartbeat, time, silence.Token));
        await silence.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (changed.IsCompleted)
        {
            await Task.Delay(options.Value.Coalesce, time, cancellationToken);
        }

        return store.Observe()!.Value;
    }

    private SseItem<PolicyEvent> Item(PolicyEvent message)
    {
        instruments.Sent(message.Type);
        return new(message, message.Type.ToString().ToLowerInvariant()) { EventId = message.Hash };
    }
}
