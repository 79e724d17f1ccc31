using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Shop.Host.Relays;

/// <summary>
/// Stands in front of one instance, on the address that Consul knows of it, and copies bytes: the wire, to look at. What
/// becomes of the instance becomes of its connections, so that a killed instance looks killed from outside.
/// </summary>
internal sealed class ByteRelay : IAsyncDisposable
{
    private const int BufferSize = 16_384;

    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener;
    private readonly IPEndPoint _instance;
    private readonly byte[] _canary;
    private readonly Task _accepting;

    private ByteRelay(string name, Socket listener, IPEndPoint instance, byte[] canary)
    {
        (Name, _listener, _instance, _canary) = (name, listener, instance, canary);
        _accepting = AcceptAsync();
    }

    /// <summary>The instance behind it.</summary>
    public string Name { get; }

    public RelayCounts Counts { get; } = new();

    public static ByteRelay Start(string instance, int port, int instancePort, byte[] canary)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return new ByteRelay(instance, listener, new IPEndPoint(IPAddress.Loopback, instancePort), canary);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_running.Keys);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var accepted = await _listener.AcceptAsync(_end.Token);
                Counts.AddConnection();
                var serving = ServeAsync(accepted);
                _running[serving] = 0;
                _ = serving.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Told to end, or a caller that hung up before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        using var instance = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (caller)
        {
            try
            {
                caller.NoDelay = instance.NoDelay = true;
                await instance.ConnectAsync(_instance, _end.Token);
                await Task.WhenAll(CopyAsync(caller, instance), CopyAsync(instance, caller));
            }
            catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Nobody listens there, one side was cut, or the run is over: the other side is reset, as it would be
                // without the relay.
                caller.LingerState = instance.LingerState = new LingerOption(true, 0);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var meter = new RecordMeter(Counts, _canary);
        var buffer = new byte[BufferSize];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer, _end.Token)) > 0;)
            {
                meter.Read(buffer.AsSpan(0, read));
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // The other direction waits for bytes that never come.
            to.LingerState = new LingerOption(true, 0);
            to.Dispose();
            throw;
        }
    }
}
