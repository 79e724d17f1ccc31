using System.Collections.Concurrent;
using System.Net;
using Mesh.Scenarios.Service;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Deploys;

/// <summary>
/// Calls to a chain front (HTTP/1.1) - middle (HTTP/2, gRPC) - back (HTTP/1.1) at a steady rate over open connections.
/// Every call is counted once, by the application that made it; nothing is repeated here. What a call does is decided
/// by its number alone, so that what the ledgers must say is known without asking anybody.
/// </summary>
internal sealed class ChainLoad : IAsyncDisposable
{
    private const int Workers = 32;

    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentDictionary<int, string> _failed = new();
    private readonly IReadOnlyList<MeshCaller> _callers;
    private readonly int _posts;
    private readonly PacedCalls _calls;

    /// <param name="callers">Applications that take turns.</param>
    /// <param name="rate">Calls per second, at most.</param>
    /// <param name="posts">How many of ten calls are a POST.</param>
    public ChainLoad(IReadOnlyList<MeshCaller> callers, int rate, int posts)
    {
        (_callers, _posts) = (callers, posts);
        _calls = new PacedCalls(Workers, rate, CallAsync);
        _calls.Start();
    }

    /// <summary>Calls that ended, well or not.</summary>
    public int Calls => _calls.Ended;

    /// <summary>How long it has been going on, or went on.</summary>
    public TimeSpan Elapsed => _calls.Elapsed;

    /// <summary>Calls that failed, by number.</summary>
    public IReadOnlyDictionary<int, string> Failed => _failed;

    /// <summary>How many calls a process answered, alone or with others of the chain.</summary>
    public int AnsweredBy(int pid) => _answers.GetValueOrDefault(pid.ToString());

    /// <summary>True for calls that must be executed once: POST without an idempotency key, gRPC among them.</summary>
    public bool IsPost(int call) => call % 10 < _posts;

    /// <summary>The services that a call goes through, in this order.</summary>
    public static string[] PathOf(int call) => (call / 10 % 4) switch
    {
        0 or 1 => ["front", "middle", "back"],
        2 => ["middle"],
        _ => ["back"],
    };

    /// <summary>Under which a POST stands in the ledgers.</summary>
    public static string IdOf(int call) => $"call-{call}";

    public async Task ReachAsync(int calls, TimeSpan within) =>
        await Eventually.TrueAsync(() => Calls >= calls, $"{calls} calls, {Calls} so far", within);

    /// <summary>Ends it; every call begun is accounted for afterwards.</summary>
    public Task StopAsync() => _calls.StopAsync();

    public string Describe() =>
        $"{_failed.Count} of {Calls} calls failed.\n" + string.Join('\n', _failed.Take(10).Select(
        f => $"{f.Key} {(IsPost(f.Key) ? "POST" : "GET")} {string.Join('-', PathOf(f.Key))}: {f.Value}"));

    public ValueTask DisposeAsync() => _calls.DisposeAsync();

    private async Task CallAsync(int call)
    {
        try
        {
            using var request = Request(call);
            using var response = await _callers[call % _callers.Count].Client.SendAsync(request);
            var answer = PathOf(call) is ["middle"]
                ? await ReadGrpcAsync(response)
                : await response.Content.ReadAsStringAsync();
            var hops = answer.Split('\n');
            if (!response.IsSuccessStatusCode || hops.Length != PathOf(call).Length)
            {
                _failed[call] = $"{(int)response.StatusCode} {answer}";
                return;
            }

            foreach (var hop in hops)
            {
                _answers.AddOrUpdate(hop[(hop.IndexOf(' ') + 1)..], 1, (_, count) => count + 1);
            }
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            _failed[call] = $"at {_calls.Elapsed.TotalSeconds:F1} s: {error.GetType().Name}: {error.Message}";
        }
    }

    private HttpRequestMessage Request(int call)
    {
        var path = PathOf(call);
        if (path is ["middle"])
        {
            return Grpc(GrpcFrames.Work, new ByteArrayContent(GrpcFrames.Frame(IsPost(call) ? IdOf(call) : "")));
        }

        var hops = $"?hops={path.Length - 1}";
        return IsPost(call)
            ? new HttpRequestMessage(HttpMethod.Post, $"http://{path[0]}/work/{IdOf(call)}{hops}")
            {
                Content = new ByteArrayContent([1, 2, 3]),
            }
            : new HttpRequestMessage(HttpMethod.Get, $"http://{path[0]}/who{hops}");
    }

    /// <summary>A gRPC request to the middle service.</summary>
    public static HttpRequestMessage Grpc(string method, HttpContent content)
    {
        content.Headers.ContentType = new(GrpcFrames.ContentType);
        var request = new HttpRequestMessage(HttpMethod.Post, "http://middle" + method)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content,
        };
        request.Headers.TE.ParseAdd("trailers");
        return request;
    }

    private static async Task<string> ReadGrpcAsync(HttpResponseMessage response)
    {
        await using var body = await response.Content.ReadAsStreamAsync();
        var message = await GrpcFrames.ReadAsync(body, CancellationToken.None);
        var end = await GrpcFrames.ReadAsync(body, CancellationToken.None);
        var trailers = response.TrailingHeaders.Concat(response.Headers);
        var status = trailers.FirstOrDefault(h => h.Key == "grpc-status").Value?.First();
        return message is not null && end is null && status == "0"
            ? message
            : throw new HttpRequestException($"gRPC status {status ?? "missing"}, message '{message}', then '{end}'.");
    }
}
