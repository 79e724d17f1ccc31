using System.Collections.Concurrent;
using Google.Protobuf;
using Mesh.OpenTelemetry.Tests.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>A collector that speaks OTLP over HTTP and keeps what it was sent.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<TracesRequest> _traces = new();
    private readonly ConcurrentQueue<MetricsRequest> _metrics = new();
    private readonly ConcurrentQueue<LogsRequest> _logs = new();
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Every span, with the attributes of its resource and its scope.</summary>
    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. from request in _traces
           from resource in request.Resources
           from scope in resource.Scopes
           from span in scope.Spans
           select new ReceivedSpan(Texts.Of(resource.Resource.Attributes), scope.Scope.Name, span),
    ];

    public IReadOnlyList<ReceivedMetric> Metrics =>
    [
        .. from request in _metrics
           from resource in request.Resources
           from scope in resource.Scopes
           from metric in scope.Metrics
           select new ReceivedMetric(Texts.Of(resource.Resource.Attributes), scope.Scope.Name, metric),
    ];

    public IReadOnlyList<ReceivedLog> Logs =>
    [
        .. from request in _logs
           from resource in request.Resources
           from scope in resource.Scopes
           from record in scope.Records
           select new ReceivedLog(Texts.Of(resource.Resource.Attributes), scope.Scope.Name, record),
    ];

    /// <summary>Everything received, as text: for tests that search for what must not be there.</summary>
    public string Everything => string.Join(
        '\n',
        [.. _traces.Select(r => r.ToString()), .. _metrics.Select(r => r.ToString()), .. _logs.Select(r => r.ToString())]);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", (HttpRequest r) => KeepAsync(r, TracesRequest.Parser, receiver._traces));
        app.MapPost("/v1/metrics", (HttpRequest r) => KeepAsync(r, MetricsRequest.Parser, receiver._metrics));
        app.MapPost("/v1/logs", (HttpRequest r) => KeepAsync(r, LogsRequest.Parser, receiver._logs));
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<IResult> KeepAsync<T>(HttpRequest request, MessageParser<T> parser, ConcurrentQueue<T> queue)
        where T : IMessage<T>
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        queue.Enqueue(parser.ParseFrom(body.ToArray()));
        return Results.Ok();
    }
}
