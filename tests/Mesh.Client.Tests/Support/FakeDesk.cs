using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Mesh.Client.Security;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Support;

/// <summary>A desk that says what the test wants, on real sockets, in the words of the wire documents.</summary>
internal sealed class FakeDesk : IAsyncDisposable
{
    private readonly ConcurrentDictionary<PolicyKey, PolicyDocumentWire> _documents = new();
    private readonly ConcurrentDictionary<Channel<string>, CancellationTokenSource> _open = new();
    private readonly string? _url;
    private WebApplication _app = null!;

    private FakeDesk(string? url) => _url = url;

    public string Address { get; private set; } = "";

    /// <summary>The query and <c>Last-Event-ID</c> of each stream that was asked for.</summary>
    public ConcurrentQueue<(string Query, string LastEventId, string Authorization)> Streams { get; } = new();

    public ConcurrentQueue<ClientReport> Reports { get; } = new();

    /// <summary>What every stream begins with instead of a snapshot: an event as another version writes it.</summary>
    public string? FirstEvent { get; set; }

    /// <summary>How reports are answered.</summary>
    public int ReportStatus { get; set; } = StatusCodes.Status200OK;

    /// <summary>Says something to everybody, as it is.</summary>
    public void Say(string json) => Tell(Raw(json));

    /// <summary>The service of each caller's certificate, of the connections that brought one.</summary>
    public ConcurrentQueue<string> Callers { get; } = new();

    /// <summary>How many handshakes began.</summary>
    public int Handshakes;

    /// <param name="url">Where; a free port without.</param>
    /// <param name="certificate">Speaks TLS with it, and asks callers for theirs; plaintext without.</param>
    public static async Task<FakeDesk> StartAsync(string? url = null, TestCertificate? certificate = null)
    {
        var desk = new FakeDesk(url);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (certificate is not null)
        {
            url ??= "https://127.0.0.1:0";
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
            {
                https.ServerCertificate = certificate.Leaf;
                https.ServerCertificateChain = certificate.Intermediates;
                https.OnAuthenticate = (_, _) => Interlocked.Increment(ref desk.Handshakes);
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (leaf, _, _) =>
                {
                    desk.Callers.Enqueue(UriNames.Of(leaf)?.SingleOrDefault() ?? "");
                    return true;
                };
            }));
        }

        builder.WebHost.UseUrls(url ?? "http://127.0.0.1:0");
        desk._app = builder.Build();
        desk._app.MapGet("/v1/policies/stream", desk.StreamAsync);
        desk._app.MapPut("/v1/clients/{instance}", desk.ReportAsync);
        await desk._app.StartAsync();
        desk.Address = desk._app.Urls.Single();
        return desk;
    }

    public static PolicyDocumentWire Document(PolicyKey key, ulong index, string body) => new()
    {
        Key = key,
        Revision = new PolicyRevision("dc1", index, PolicyRevision.HashOf(Encoding.UTF8.GetBytes(body))),
        Body = body,
        State = PolicyDocumentState.Accepted,
    };

    /// <summary>What the next snapshot says; nobody is told.</summary>
    public FakeDesk Holding(params PolicyDocumentWire[] documents)
    {
        _documents.Clear();
        foreach (var document in documents)
        {
            _documents[document.Key] = document;
        }

        return this;
    }

    /// <summary>A change, told to everybody.</summary>
    public void Change(PolicyDocumentWire document)
    {
        _documents[document.Key] = document;
        Tell(Event(PolicyEventType.Change, [document]));
    }

    public void Remove(PolicyKey key)
    {
        _documents.TryRemove(key, out _);
        Tell(Event(PolicyEventType.Change, []) with { Removed = [key] });
    }

    public void Heartbeat() => Tell(Event(PolicyEventType.Heartbeat, []));

    /// <summary>Ends every stream, as a desk does that is replaced.</summary>
    public void Drop()
    {
        foreach (var (_, stream) in _open)
        {
            stream.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Drop();
        await _app.DisposeAsync();
    }

    private PolicyEvent Event(PolicyEventType type, IReadOnlyList<PolicyDocumentWire> documents) => new()
    {
        Type = type,
        Mesh = "mesh",
        Datacenter = "dc1",
        Hash = PolicySnapshotWire.HashOf(_documents.Values),
        Documents = documents,
    };

    private void Tell(PolicyEvent message) => Tell(Text(message));

    private void Tell(string text)
    {
        foreach (var (stream, _) in _open)
        {
            stream.Writer.TryWrite(text);
        }
    }

    private static string Raw(string json) => $"data: {json.ReplaceLineEndings("\ndata: ")}\n\n";

    private static string Text(PolicyEvent message) =>
        $"id: {message.Hash}\ndata: {JsonSerializer.Serialize(message, MeshWireJson.Default.PolicyEvent)}\n\n";

    private async Task StreamAsync(HttpContext context)
    {
        var resumeFrom = context.Request.Headers["Last-Event-ID"].ToString();
        var stream = Channel.CreateUnbounded<string>();
        using var life = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var first = Event(PolicyEventType.Snapshot, [.. _documents.Values]);
        stream.Writer.TryWrite(FirstEvent is { } raw ? Raw(raw) : Text(first.Hash == resumeFrom ? Event(PolicyEventType.Heartbeat, []) : first));
        _open[stream] = life;
        Streams.Enqueue(
            (context.Request.QueryString.Value!, resumeFrom, context.Request.Headers.Authorization.ToString()));
        context.Response.ContentType = "text/event-stream";
        try
        {
            await foreach (var text in stream.Reader.ReadAllAsync(life.Token))
            {
                await context.Response.WriteAsync(text, life.Token);
                await context.Response.Body.FlushAsync(life.Token);
            }
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            _open.TryRemove(stream, out _);
        }
    }

    private async Task ReportAsync(HttpContext context)
    {
        var report = await JsonSerializer.DeserializeAsync(context.Request.Body, MeshWireJson.Default.ClientReport);
        Reports.Enqueue(report!);
        context.Response.StatusCode = ReportStatus;
    }
}
