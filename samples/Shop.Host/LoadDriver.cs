using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Shop.Common;
using Shop.Host.Security;

namespace Shop.Host;

/// <summary>
/// The customers: open-loop load on the web edge with a plain HttpClient. No retry, no filter: what the edge does not
/// answer well within five seconds of its schedule has failed, unless an operator wants it denied.
/// </summary>
internal sealed class LoadDriver(WebEdge edge, DenialJudge judge, int rate, int seed, string run) : IDisposable
{
    /// <summary>Two of five requests are checkouts.</summary>
    private const double CheckoutShare = 0.4;

    private const string Forbidden = "answered 403";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string[] Products = ["tea", "coffee", "sugar", "milk", "bread"];

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, long> _failures = new();
    private readonly long[] _latencies = new long[LatencyBuckets.Count];
    private long _scheduled;
    private long _ok;
    private long _failed;
    private long _denied;
    private long _booked;
    private int _inFlight;
    private int _maxInFlight;

    public long Scheduled => Interlocked.Read(ref _scheduled);

    public long Ok => Interlocked.Read(ref _ok);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Denied because an operator wants them denied; neither good nor failed.</summary>
    public long Denied => Interlocked.Read(ref _denied);

    /// <summary>Checkouts answered as booked.</summary>
    public long Checkouts => Interlocked.Read(ref _booked);

    public int InFlight => Volatile.Read(ref _inFlight);

    public int MaxInFlight => Volatile.Read(ref _maxInFlight);

    public IReadOnlyDictionary<string, long> Failures => _failures;

    public long[] Latencies => (long[])_latencies.Clone();

    /// <summary>Sends until cancelled, then waits for the last answers.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        var running = new ConcurrentDictionary<long, Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        try
        {
            for (long next = 0; await timer.WaitForNextTickAsync(stop);)
            {
                for (; next < clock.Elapsed.TotalSeconds * rate; next++)
                {
                    var due = TimeSpan.FromSeconds((double)next / rate);
                    var number = next;
                    Interlocked.Increment(ref _scheduled);
                    var checkout = _random.NextDouble() < CheckoutShare;
                    var product = Products[_random.Next(Products.Length)];
                    var sent = SendAsync(number, due, clock, checkout, product);
                    running[number] = sent;
                    _ = sent.ContinueWith(_ => running.TryRemove(number, out Task? _), TaskScheduler.Default);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running.Values);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(long number, TimeSpan due, Stopwatch clock, bool checkout, string product)
    {
        var inFlight = Interlocked.Increment(ref _inFlight);
        for (var max = _maxInFlight; inFlight > max; max = _maxInFlight)
        {
            Interlocked.CompareExchange(ref _maxInFlight, inFlight, max);
        }

        var started = Stopwatch.GetTimestamp();
        var problem = await AttemptAsync(number, checkout, product);
        var late = clock.Elapsed - due > Patience;
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _latencies[LatencyBuckets.IndexOf((clock.Elapsed - due).TotalSeconds)]);
        if (problem is null && checkout)
        {
            Interlocked.Increment(ref _booked);
        }

        if (problem is null && !late)
        {
            Interlocked.Increment(ref _ok);
            judge.OnPassed(!checkout, started);
        }
        else if (problem == Forbidden && judge.OnDenied(!checkout, started))
        {
            Interlocked.Increment(ref _denied);
        }
        else
        {
            Interlocked.Increment(ref _failed);
            _failures.AddOrUpdate(problem ?? "later than 5 s", 1, (_, n) => n + 1);
        }
    }

    private async Task<string?> AttemptAsync(long number, bool checkout, string product)
    {
        var address = edge.AddressFor(number);
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            if (!checkout)
            {
                using var shown = await _client.GetAsync($"{address}/products/{product}", timeout.Token);
                return shown.IsSuccessStatusCode ? null : Problem("GET", shown);
            }

            var id = $"{run}-{number}";
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/checkout")
            {
                Content = JsonContent.Create(new Checkout(id, product, 1), ShopJson.Default.Checkout),
            };
            request.Headers.Add("Idempotency-Key", $"key-{id}");
            using var booked = await _client.SendAsync(request, timeout.Token);
            if (!booked.IsSuccessStatusCode)
            {
                return Problem("POST", booked);
            }

            var order = await booked.Content.ReadFromJsonAsync(ShopJson.Default.Order, timeout.Token);
            return order is { Status: "booked" } && order.Checkout == id ? null : "POST answered with another order";
        }
        catch (OperationCanceledException)
        {
            return "no answer within 5 s";
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError.ToString();
        }
    }

    private static string Problem(string method, HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.Forbidden ? Forbidden : $"{method} answered {(int)answer.StatusCode}";
}
