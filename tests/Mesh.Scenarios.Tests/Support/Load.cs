using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Client;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// Calls at a steady rate, sent whether or not earlier ones were answered, with every outcome kept. It repeats nothing
/// and filters nothing.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<LoadCall> _calls = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly HttpClient _client;
    private readonly string _url;
    private readonly bool _noRetry;
    private readonly Task _driver;

    private Load(HttpClient client, string url, int rate, bool noRetry)
    {
        (_client, _url, _noRetry) = (client, url, noRetry);
        _driver = Task.Run(() => DriveAsync(rate));
    }

    /// <summary>The clock of <see cref="LoadCall.Start"/>.</summary>
    public TimeSpan Now => _watch.Elapsed;

    public IReadOnlyList<LoadCall> Calls => [.. _calls];

    public IReadOnlyList<LoadCall> Failed => [.. _calls.Where(c => c.Failure is not null)];

    /// <param name="client">Makes the calls.</param>
    /// <param name="url">What to GET.</param>
    /// <param name="rate">Calls per second.</param>
    /// <param name="noRetry">
    /// Calls that the mesh may not repeat: nothing but the choice of endpoint can save them.
    /// </param>
    public static Load Start(HttpClient client, string url, int rate, bool noRetry = false) =>
        new(client, url, rate, noRetry);

    /// <summary>Calls begun since a moment, answered by an instance.</summary>
    public int Answered(string by, TimeSpan since = default) =>
        _calls.Count(c => c.Start >= since && c.Failure is null && c.Answer == by);

    /// <summary>Waits until so many more calls have ended.</summary>
    public async Task AfterAsync(int calls)
    {
        var target = _calls.Count + calls;
        await Eventually.TrueAsync(() => _calls.Count >= target, $"{calls} more calls to end");
    }

    /// <summary>Ends it; every call begun is accounted for afterwards.</summary>
    public async Task<Load> StopAsync()
    {
        await _stop.CancelAsync();
        await _driver;
        await Task.WhenAll(_running.Keys);
        return this;
    }

    /// <summary>What failed, one line each, for the message of a failed test.</summary>
    public string Describe() =>
        $"{Failed.Count} of {_calls.Count} calls failed.\n" + string.Join('\n', Failed.Take(10).Select(
            c => $"at {c.Start.TotalSeconds:F2} s after {c.Took.TotalMilliseconds:F0} ms: {c.Failure}"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task DriveAsync(int rate)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var sent = 0; !_stop.IsCancellationRequested; await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            for (; sent < _watch.Elapsed.TotalSeconds * rate; sent++)
            {
                var call = CallAsync();
                _running.TryAdd(call, true);
                _ = call.ContinueWith(c => _running.TryRemove(c, out _), TaskScheduler.Default);
            }
        }
    }

    private async Task CallAsync()
    {
        var start = _watch.Elapsed;
        var (answer, failure) = ("", (string?)null);
        try
        {
            using var timeout = new CancellationTokenSource(Patience);
            using var request = new HttpRequestMessage(HttpMethod.Get, _url);
            request.Options.Set(MeshRequestOptions.NoRetry, _noRetry);
            using var response = await _client.SendAsync(request, timeout.Token);
            answer = (await response.Content.ReadAsStringAsync(timeout.Token)).Trim();
            failure = response.IsSuccessStatusCode ? null : $"{(int)response.StatusCode} {answer}";
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            failure = $"{error.GetType().Name}: {error.Message}";
        }

        _calls.Enqueue(new LoadCall(start, _watch.Elapsed - start, answer, failure));
    }
}
