using System.Net;

namespace Mesh.Testing.Tests.Http;

public sealed class RawHttp2BackendTests
{
    [Fact]
    public async Task Backend_WithoutScript_AnswersManyCallsOnOneConnection()
    {
        await using var backend = await RawHttp2Backend.StartAsync("raw");
        using var http = NewClient();
        await http.GetStringAsync(backend.Address);

        var bodies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => http.GetStringAsync(backend.Address)));

        Assert.All(bodies, body => Assert.Equal("raw", body));
        Assert.Equal((51, 1), (backend.RequestCount, backend.ConnectionCount));
    }

    [Fact]
    public async Task Upload_LargerThanTheWindow_DoesNotStall()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        using var http = NewClient();
        backend.Enqueue(RawHttp2Answer.Hang);
        using var giveUp = new CancellationTokenSource();
        var content = new CountingContent(1_000_000);

        var call = http.PostAsync(backend.Address, content, giveUp.Token);
        await content.Sent.WaitAsync(TimeSpan.FromSeconds(20));
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task GoAwayUnprocessed_Scripted_ClientSendsItAgainOnANewConnection()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.Ok).Enqueue(RawHttp2Answer.GoAwayUnprocessed);
        using var http = NewClient();
        await http.GetStringAsync(backend.Address);

        using var response = await http.PostAsync(backend.Address, new StringContent("x"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((3, 2), (backend.RequestCount, backend.ConnectionCount));
    }

    [Fact]
    public async Task GoAwayThenOk_Scripted_AnswersAndTheNextCallNeedsANewConnection()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.GoAwayThenOk);
        using var http = NewClient();

        Assert.Equal("backend", await http.GetStringAsync(backend.Address));
        await http.GetStringAsync(backend.Address);

        Assert.Equal((2, 2), (backend.RequestCount, backend.ConnectionCount));
    }

    [Fact]
    public async Task RefusedStream_Scripted_ClientSendsItAgain()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.RefusedStream);
        using var http = NewClient();

        await http.GetStringAsync(backend.Address);

        Assert.Equal(2, backend.RequestCount);
    }

    [Fact]
    public async Task ResetStream_Scripted_FailsTheCallAndKeepsTheConnection()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.ResetStream(2));
        using var http = NewClient();

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(backend.Address));
        await http.GetStringAsync(backend.Address);

        Assert.Equal(2, Assert.IsType<HttpProtocolException>(failure.InnerException).ErrorCode);
        Assert.Equal(1, backend.ConnectionCount);
    }

    [Fact]
    public async Task HeadersThenResetStream_Scripted_HeadersArriveAndTheBodyBreaks()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.HeadersThenResetStream(8));
        using var http = NewClient();

        using var response = await http.GetAsync(backend.Address, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        Assert.Equal(1, backend.RequestCount);
    }

    public static TheoryData<string, RawHttp2Answer> Endings => new()
    {
        { nameof(RawHttp2Answer.Close), RawHttp2Answer.Close },
        { nameof(RawHttp2Answer.Reset), RawHttp2Answer.Reset },
        { nameof(RawHttp2Answer.GoAwayThenClose), RawHttp2Answer.GoAwayThenClose },
    };

    [Theory]
    [MemberData(nameof(Endings), DisableDiscoveryEnumeration = true)]
    public async Task ConnectionEnding_Scripted_FailsTheCallThatMayHaveBeenProcessed(string name, RawHttp2Answer answer)
    {
        Assert.NotEmpty(name);
        await using var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.Ok).Enqueue(answer);
        using var http = NewClient();
        await http.GetStringAsync(backend.Address);

        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync(backend.Address, new StringContent("x")));

        Assert.Equal(2, backend.RequestCount);
        await http.GetStringAsync(backend.Address);
    }

    [Fact]
    public async Task Dispose_WithACallInFlight_EndsIt()
    {
        var backend = await RawHttp2Backend.StartAsync();
        backend.Enqueue(RawHttp2Answer.Hang);
        using var http = NewClient();
        var call = http.GetAsync(backend.Address);
        await Eventually.TrueAsync(() => backend.RequestCount == 1);

        await backend.DisposeAsync();
        await backend.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task Client_ThatSpeaksHttp1_IsClosedOn()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        using var http =
            new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(20) };

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(backend.Address));

        Assert.Equal(0, backend.RequestCount);
    }

    private static HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false })
    {
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(20),
    };

    private sealed class CountingContent(int length) : HttpContent
    {
        private readonly TaskCompletionSource _sent = new();

        public Task Sent => _sent.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[length]);
            await stream.FlushAsync();
            _sent.SetResult();
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
