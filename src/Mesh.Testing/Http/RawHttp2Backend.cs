using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>
/// An HTTP/2 server (plaintext, prior knowledge) for the failures that a real server never shows on demand: GOAWAY that
/// disowns a request, REFUSED_STREAM, streams and connections broken at a chosen moment. Without a script it answers
/// 200 with its name. For everything else use <see cref="HttpBackend"/>. Thread-safe.
/// </summary>
public sealed class RawHttp2Backend : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<RawHttp2Answer> _script = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;
    private int _requestCount;
    private int _connectionCount;

    private RawHttp2Backend(string name, Socket listener)
    {
        Name = name;
        _listener = listener;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        Address = new Uri($"http://127.0.0.1:{Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>The address, for example <c>http://127.0.0.1:12345</c>.</summary>
    public Uri Address { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The name, also the default answer's body.</summary>
    public string Name { get; }

    /// <summary>How many requests came, answered or not.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>How many connections were accepted, open or not.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>Starts a backend on a free loopback port.</summary>
    /// <param name="name">Its name.</param>
    public static Task<RawHttp2Backend> StartAsync(string name = "backend")
    {
        ArgumentNullException.ThrowIfNull(name);
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return Task.FromResult(new RawHttp2Backend(name, listener));
    }

    /// <summary>Answers one request: the first enqueued answer goes to the next request, and so on.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>This backend.</returns>
    public RawHttp2Backend Enqueue(RawHttp2Answer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>Closes the listener and every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_connections.Keys).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                continue; // stopping ends the loop; a client that left the queue does not
            }

            socket.NoDelay = true;
            Interlocked.Increment(ref _connectionCount);
            var connection = new RawHttp2Connection(socket, Name, Next).RunAsync(_stopping.Token);
            _connections[connection] = true;
            _ = connection.ContinueWith(
                (done, _) => _connections.TryRemove(done, out var _), null, TaskScheduler.Default);
        }
    }

    private RawHttp2Answer Next()
    {
        Interlocked.Increment(ref _requestCount);
        return _script.TryDequeue(out var answer) ? answer : RawHttp2Answer.Ok;
    }
}
