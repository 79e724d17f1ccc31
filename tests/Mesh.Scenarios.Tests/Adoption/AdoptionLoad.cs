using System.Collections.Concurrent;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>
/// Calls of two callers in turn, at a steady rate: four of ten are a POST that must be executed once, without an
/// idempotency key. Every call is counted once and nothing is repeated here.
/// </summary>
internal sealed class AdoptionLoad : IAsyncDisposable
{
    private const int Workers = 8;
    private const int Rate = 300;

    private readonly ConcurrentDictionary<(IAdoptionCaller Caller, int Pid), int> _answers = new();
    private readonly ConcurrentDictionary<int, string> _failed = new();
    private readonly ConcurrentDictionary<string, bool> _posted = new();
    private readonly IAdoptionCaller[] _callers;
    private readonly PacedCalls _calls;

    public AdoptionLoad(IAdoptionCaller first, IAdoptionCaller second)
    {
        _callers = [first, second];
        _calls = new PacedCalls(
            Workers, Rate, call => CallAsync(call, Volatile.Read(ref _callers[call % 2]), isPost: call / 2 % 5 < 2));
        _calls.Start();
    }

    public int Calls => _calls.Ended;

    public IReadOnlyDictionary<int, string> Failed => _failed;

    /// <summary>The ids of POSTs that were answered well.</summary>
    public ICollection<string> Posted => _posted.Keys;

    /// <summary>
    /// Another instance of the calling service takes a place; calls of the one before end as they do.
    /// </summary>
    public void Replace(int place, IAdoptionCaller caller) => Volatile.Write(ref _callers[place], caller);

    /// <summary>Waits until both callers have been answered by a process.</summary>
    public async Task UsesAsync(ServiceProcess process) => await Eventually.TrueAsync(
        () => _callers.All(caller => _answers.GetValueOrDefault((caller, process.Id)) >= 5),
        $"both callers to use {process.Name}");

    /// <summary>Ends it; every call begun is accounted for afterwards.</summary>
    public Task StopAsync() => _calls.StopAsync();

    public string Describe() =>
        $"{_failed.Count} of {Calls} calls failed.\n" + string.Join('\n', _failed.Values.Take(10));

    public ValueTask DisposeAsync() => _calls.DisposeAsync();

    private async Task CallAsync(int call, IAdoptionCaller caller, bool isPost)
    {
        var what = $"call {call} at {_calls.Elapsed.TotalSeconds:F1} s, {(isPost ? "POST" : "GET")} by {caller.GetType().Name}";
        try
        {
            using var response = isPost
                ? await caller.SendAsync(HttpMethod.Post, $"/work/call-{call}", new ByteArrayContent([1, 2, 3]))
                : await caller.SendAsync(HttpMethod.Get, "/who", content: null);
            var answer = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
            {
                _failed[call] = $"{what}: {(int)response.StatusCode} {answer}";
                return;
            }

            if (isPost)
            {
                _posted[$"call-{call}"] = true;
            }

            _answers.AddOrUpdate((caller, int.Parse(answer.Split(' ')[1])), 1, (_, count) => count + 1);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            _failed[call] = $"{what}: {error.GetType().Name}: {error.Message}";
        }
    }
}
