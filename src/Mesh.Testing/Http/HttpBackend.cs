using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Mesh.Testing;

/// <summary>
/// A scriptable HTTP server on a real loopback socket: it records what it receives and answers, delays, resets or hangs
/// as told. Without a script it answers 200 with its name. Thread-safe.
/// </summary>
/// <example>
/// <code>
/// await using var backend = await HttpBackend.StartAsync();
/// backend.Enqueue(BackendAnswer.Status(503)).Enqueue(BackendAnswer.Reset);
/// </code>
/// </example>
public sealed class HttpBackend : IAsyncDisposable
{
    private const int PortAttempts = 5;

    private readonly HttpBackendOptions _options;
    private readonly int _http2Port;
    private readonly ConcurrentQueue<BackendAnswer> _script = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();

    // Guards the change of _server: stop and start follow one another. Held across awaits.
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private volatile BackendAnswer _default = BackendAnswer.Default;
    private Server? _server;
    private int _requestCount;
    private int _connectionCount;

    private HttpBackend(HttpBackendOptions options, int port, int http2Port)
    {
        _options = options;
        _http2Port = http2Port;
        Port = port;
        Address = AddressOf(port);
    }

    /// <summary>The address of <see cref="Port"/>, for example <c>http://127.0.0.1:12345</c>.</summary>
    public Uri Address { get; }

    /// <summary>The port; the HTTP/1.1 one when there are two. Stays the same when stopped and started again.</summary>
    public int Port { get; }

    /// <summary>
    /// Where HTTP/2 is spoken: another port than <see cref="Address"/> for plaintext with both protocols.
    /// </summary>
    /// <exception cref="InvalidOperationException">The backend speaks HTTP/1.1 only.</exception>
    public Uri Http2Address => _options.Protocols == HttpProtocols.Http1
        ? throw new InvalidOperationException($"The backend {Name} speaks HTTP/1.1 only.")
        : AddressOf(_http2Port);

    /// <summary>The name, also the default answer's body.</summary>
    public string Name => _options.Name;

    /// <summary>How many requests came, answered or not.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>How many connections were accepted, open or not.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>
    /// The last requests in the order of their coming, up to <see cref="HttpBackendOptions.MaxRecordedRequests"/>.
    /// </summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>Starts a backend.</summary>
    /// <param name="options">How; <see langword="null"/> for HTTP/1.1 in plaintext on a free port.</param>
    /// <exception cref="IOException">The port asked for is taken.</exception>
    public static async Task<HttpBackend> StartAsync(HttpBackendOptions? options = null)
    {
        options = options?.Copy() ?? new HttpBackendOptions();
        options.Validate();
        var twoPorts = options.Protocols == HttpProtocols.Http1AndHttp2 && options.Certificate is null;
        for (var attempt = 1; ; attempt++)
        {
            var port = options.Port == 0 ? FreePorts.TakeOne(Random.Shared) : options.Port;
            var backend = new HttpBackend(options, port, twoPorts ? FreePorts.TakeOne(Random.Shared) : port);
            try
            {
                await backend.StartAgainAsync().ConfigureAwait(false);
                return backend;
            }
            catch (IOException e) when (
                e.InnerException is AddressInUseException && options.Port == 0 && attempt < PortAttempts)
            {
                // Another process took the port between our choosing and binding it: choose another.
                await backend.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await backend.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Answers every request that no <see cref="Enqueue"/>d answer takes, from now on.</summary>
    /// <param name="answer">The answer.</param>
    public void Respond(Func<HttpContext, Task> answer) => Respond(BackendAnswer.Custom(answer));

    /// <summary>Answers every request that no <see cref="Enqueue"/>d answer takes, from now on.</summary>
    /// <param name="answer">The answer; <see cref="BackendAnswer.Default"/> goes back to the beginning.</param>
    public void Respond(BackendAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _default = answer;
    }

    /// <summary>Answers one request: the first enqueued answer goes to the next request, and so on.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>This backend.</returns>
    public HttpBackend Enqueue(BackendAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>Breaks every connection and refuses new ones from now on. Does nothing when stopped already.</summary>
    public Task StopAsync() => UnderLifecycleAsync(async () =>
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync().ConfigureAwait(false);
        }
    });

    /// <summary>Listens again, on the same port. Does nothing when it is listening.</summary>
    /// <exception cref="IOException">The port was taken meanwhile.</exception>
    public Task StartAgainAsync() => UnderLifecycleAsync(async () =>
        _server ??= await Server.StartAsync(Configure, AnswerAsync).ConfigureAwait(false));

    /// <summary>Stops and gives the port back.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_options.Port == 0)
        {
            FreePorts.Release(Port);
        }

        if (_http2Port != Port)
        {
            FreePorts.Release(_http2Port);
        }
    }

    private Uri AddressOf(int port) => new($"{(_options.Certificate is null ? "http" : "https")}://127.0.0.1:{port}");

    private async Task UnderLifecycleAsync(Func<Task> change)
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        // A test's client may be as slow as it likes.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.AddServerHeader = false;
        var twoPorts = _http2Port != Port;
        Listen(kestrel, Port, twoPorts ? HttpProtocols.Http1 : _options.Protocols);
        if (twoPorts)
        {
            Listen(kestrel, _http2Port, HttpProtocols.Http2);
        }

        _options.ConfigureKestrel?.Invoke(kestrel);
    }

    private void Listen(KestrelServerOptions kestrel, int port, HttpProtocols protocols) =>
        kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => connection =>
            {
                Interlocked.Increment(ref _connectionCount);
                return next(connection);
            });
            if (_options.Certificate is { } certificate)
            {
                listen.UseHttps(certificate);
            }
        });

    private async Task AnswerAsync(HttpContext context, CancellationToken stopping)
    {
        Record(context);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var answer = _script.TryDequeue(out var scripted) ? scripted : _default;
        try
        {
            await answer.GiveAsync(new BackendCall(context, this, _options.TimeProvider, either.Token))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The client gave up or the backend stops: nobody reads an answer.
            context.Abort();
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // The answer's own mistake: show it to the test instead of an empty 500.
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync($"The scripted answer failed: {e}", stopping).ConfigureAwait(false);
        }
    }

    private void Record(HttpContext context)
    {
        var request = context.Request;
        var body = new RecordingStream(request.Body, _options.MaxRecordedBody);
        request.Body = body;
        _requests.Enqueue(new RecordedRequest(body)
        {
            Method = request.Method,
            Path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Host = request.Host.Value ?? "",
            Scheme = request.Scheme,
            Protocol = request.Protocol,
            ConnectionId = context.Connection.Id,
            Headers = request.Headers.ToDictionary(
                h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        });
        while (_requests.Count > _options.MaxRecordedRequests && _requests.TryDequeue(out _))
        {
        }

        Interlocked.Increment(ref _requestCount);
    }

    /// <summary>One listening life of the backend.</summary>
    private sealed class Server(WebApplication application, CancellationTokenSource stopping) : IAsyncDisposable
    {
        public static async Task<Server> StartAsync(
            Action<KestrelServerOptions> configure, Func<HttpContext, CancellationToken, Task> answer)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

            // With room for one byte a flush returns only when the bytes are with the operating system: what an answer
            // breaks after it breaks after them.
            builder.WebHost.UseKestrelCore().UseSockets(o => o.MaxWriteBufferSize = 1).ConfigureKestrel(configure);
            var application = builder.Build();
            var stopping = new CancellationTokenSource();
            var token = stopping.Token;
            application.Run(context => answer(context, token));
            var server = new Server(application, stopping);
            try
            {
                await application.StartAsync(CancellationToken.None).ConfigureAwait(false);
                return server;
            }
            catch
            {
                await server.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            // A cancelled token tells Kestrel not to wait for calls in flight.
            await stopping.CancelAsync().ConfigureAwait(false);
            await application.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
            await application.DisposeAsync().ConfigureAwait(false);
            stopping.Dispose();
        }
    }
}
