using System.Diagnostics;
using System.Net;
using Mesh.LoadBench.Load;

namespace Mesh.LoadBench.Goodput;

/// <summary>
/// Callers that come whether or not the ones before them were served, and give up at their deadline: what comes later is
/// worth nothing to them.
/// </summary>
internal sealed class OpenLoop : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Uri _url;
    private readonly TimeSpan _deadline;
    private readonly Lock _gate = new();
    private LatencyHistogram _good = new();
    private int _running;
    private int _offered;
    private int _shed;
    private int _late;
    private int _failed;

    public OpenLoop(int port, TimeSpan deadline) => (_url, _deadline) = (new Uri($"http://127.0.0.1:{port}/"), deadline);

    public void Dispose() => _http.Dispose();

    /// <summary>As many as are answered when so many callers wait at a time: the capacity.</summary>
    public async Task<double> CapacityAsync(int callers, TimeSpan time, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (watch.Elapsed < time)
            {
                using var response = await SendAsync(cancellationToken);
                Interlocked.Increment(ref done);
            }
        }));
        return done / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Calls at this rate; those begun after the warm-up are counted.</summary>
    public async Task<GoodputFinding> RunAsync(
        double rate, TimeSpan warmUp, TimeSpan time, CancellationToken cancellationToken)
    {
        await DriveAsync(rate, warmUp, cancellationToken);
        Forget();
        var before = Stopwatch.GetTimestamp();
        await DriveAsync(rate, time, cancellationToken);
        var took = Stopwatch.GetElapsedTime(before).TotalSeconds;
        while (Volatile.Read(ref _running) > 0)
        {
            await Task.Delay(Tick, cancellationToken);
        }

        lock (_gate)
        {
            return new GoodputFinding(
                _offered / took, _good.Count / took, _shed / took, _late / took, _failed / took,
                _good.Percentile(0.5) / 1000, _good.Percentile(0.99) / 1000);
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            (_good, _offered, _shed, _late, _failed) = (new LatencyHistogram(), 0, 0, 0, 0);
        }
    }

    private async Task DriveAsync(double rate, TimeSpan time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        var watch = Stopwatch.StartNew();
        for (var sent = 0; watch.Elapsed < time; await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (; sent < watch.Elapsed.TotalSeconds * rate; sent++)
            {
                Interlocked.Increment(ref _running);
                _ = CallAsync();
            }
        }
    }

    private async Task CallAsync()
    {
        // From when it should have begun, as its caller sees it.
        var began = Stopwatch.GetTimestamp();
        HttpStatusCode? status = null;
        var failed = false;
        try
        {
            using var limit = new CancellationTokenSource(_deadline);
            using var response = await SendAsync(limit.Token);
            status = response.StatusCode;
        }
        catch (OperationCanceledException)
        {
        }
        catch (HttpRequestException)
        {
            failed = true;
        }

        Count(status, failed, Stopwatch.GetTimestamp() - began);
        Interlocked.Decrement(ref _running);
    }

    private async Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _url);
        var response = await _http.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        return response;
    }

    private void Count(HttpStatusCode? status, bool failed, long ticks)
    {
        lock (_gate)
        {
            _offered++;
            if (status == HttpStatusCode.OK && Stopwatch.GetElapsedTime(0, ticks) <= _deadline)
            {
                _good.Add(ticks);
            }
            else
            {
                _ = status == HttpStatusCode.ServiceUnavailable ? _shed++ : failed ? _failed++ : _late++;
            }
        }
    }
}
