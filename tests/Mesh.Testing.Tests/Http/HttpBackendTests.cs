using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Testing.Tests.Http;

public sealed class HttpBackendTests
{
    private static readonly Version Http2 = HttpVersion.Version20;

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Backend_WithoutScript_Answers200WithItsNameAndRecords(HttpProtocols protocols)
    {
        await using var backend = await HttpBackend.StartAsync(new() { Name = "orders-1", Protocols = protocols });
        using var http = ClientOf(protocols);
        using var request = Post(protocols, new Uri(backend.Address, "/a%20b?c=d"), "payload");
        request.Headers.Add("x-test", ["1", "2"]);
        request.Headers.Host = "orders";

        using var response = await http.SendAsync(request);

        Assert.Equal("orders-1", await response.Content.ReadAsStringAsync());
        Assert.Equal((1, 1), (backend.RequestCount, backend.ConnectionCount));
        var recorded = Assert.Single(backend.Requests);
        Assert.Equal(
            ("POST", "/a%20b?c=d", "orders", "http"), (recorded.Method, recorded.Path, recorded.Host, recorded.Scheme));
        Assert.Equal(protocols == HttpProtocols.Http2 ? "HTTP/2" : "HTTP/1.1", recorded.Protocol);
        Assert.Equal("payload", Encoding.UTF8.GetString(recorded.Body));
        Assert.Equal("1,2", recorded.Headers["X-Test"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Backend_BothProtocolsInPlaintext_HasAPortForEach()
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = HttpProtocols.Http1AndHttp2 });
        using var http = ClientOf(HttpProtocols.Http1);
        using var http2 = ClientOf(HttpProtocols.Http2);

        await http.GetStringAsync(backend.Address);
        await http2.GetStringAsync(backend.Http2Address);

        Assert.NotEqual(backend.Address, backend.Http2Address);
        Assert.Equal(["HTTP/1.1", "HTTP/2"], backend.Requests.Select(r => r.Protocol));
    }

    [Fact]
    public async Task Backend_Http1Only_HasNoHttp2Address()
    {
        await using var backend = await HttpBackend.StartAsync();
        Assert.Throws<InvalidOperationException>(() => backend.Http2Address);
    }

    [Fact]
    public async Task Enqueue_SeveralAnswers_AreGivenInOrderThenTheDefault()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Enqueue(BackendAnswer.Status(503, "busy", ("Retry-After", "1"))).Enqueue(BackendAnswer.Status(204));
        using var http = ClientOf(HttpProtocols.Http1);

        using var first = await http.GetAsync(backend.Address);
        using var second = await http.GetAsync(backend.Address);
        using var third = await http.GetAsync(backend.Address);

        Assert.Equal([503, 204, 200], new[] { first, second, third }.Select(r => (int)r.StatusCode));
        Assert.Equal("busy", await first.Content.ReadAsStringAsync());
        Assert.Equal("1", first.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task Respond_WithCode_ReplacesTheDefaultAndCanGoBack()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var http = ClientOf(HttpProtocols.Http1);
        backend.Respond(context => context.Response.WriteAsync(context.Request.Path));

        Assert.Equal("/x", await http.GetStringAsync(new Uri(backend.Address, "/x")));
        backend.Respond(BackendAnswer.Default);

        Assert.Equal("backend", await http.GetStringAsync(backend.Address));
    }

    [Fact]
    public async Task Respond_WithCodeThatThrows_ShowsTheExceptionIn500()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Respond(_ => throw new FormatException("my mistake"));
        using var http = ClientOf(HttpProtocols.Http1);

        using var response = await http.GetAsync(backend.Address);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("my mistake", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Reset_Scripted_IsATcpResetBeforeHeaders(HttpProtocols protocols)
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = protocols });
        backend.Enqueue(BackendAnswer.Reset);
        using var http = ClientOf(protocols);

        // A POST, so that the client does not quietly try again on a new connection.
        using var request = Post(protocols, backend.Address, "x");
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(request));

        // A client that was still writing sees the reset as a broken pipe; an orderly close gives it neither.
        Assert.Contains(SocketErrors(failure), e => e is SocketError.ConnectionReset or SocketError.Shutdown);
        Assert.Equal(1, backend.RequestCount);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task ResetMidBody_Scripted_HeadersArriveAndTheBodyBreaks(HttpProtocols protocols)
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = protocols });
        var seen = new TaskCompletionSource();
        backend.Enqueue(BackendAnswer.ResetMidBody(once: seen.Task));
        using var http = ClientOf(protocols);

        using var response = await http.GetAsync(backend.Address, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, 100L), (response.StatusCode, response.Content.Headers.ContentLength));
        seen.SetResult();
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());

        Assert.Contains(SocketErrors(failure), e => e is SocketError.ConnectionReset or SocketError.Shutdown);
        Assert.Equal(1, backend.RequestCount);
    }

    [Fact]
    public async Task CutMidBody_OverHttp2_SaysWhatIsWrong()
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = HttpProtocols.Http2 });
        backend.Enqueue(BackendAnswer.CutMidBody);
        using var http = ClientOf(HttpProtocols.Http2);

        using var response = await http.GetAsync(backend.Address);

        Assert.Contains("needs HTTP/1.1", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CutMidBody_Scripted_HeadersArriveAndTheBodyEndsEarly()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Enqueue(BackendAnswer.CutMidBody);
        using var http = ClientOf(HttpProtocols.Http1);

        using var response = await http.GetAsync(backend.Address, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, 100L), (response.StatusCode, response.Content.Headers.ContentLength));
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());

        Assert.Empty(SocketErrors(failure));
        Assert.Equal(1, backend.RequestCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hang_Scripted_NeverAnswersAndEndsWithTheBackend(bool stopped)
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Enqueue(BackendAnswer.Hang);
        using var http = ClientOf(HttpProtocols.Http1);
        using var giveUp = new CancellationTokenSource();
        var call = http.PostAsync(backend.Address, new StringContent("x"), giveUp.Token);
        await Eventually.TrueAsync(() => backend.RequestCount == 1);
        Assert.False(call.IsCompleted);

        if (stopped)
        {
            await backend.StopAsync();
            await Assert.ThrowsAsync<HttpRequestException>(() => call);
        }
        else
        {
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }
    }

    [Fact]
    public async Task HangMidBody_Scripted_HeadersArriveAndTheBodyDoesNotEnd()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Enqueue(BackendAnswer.HangMidBody);
        using var http = ClientOf(HttpProtocols.Http1);

        using var response = await http.GetAsync(backend.Address, HttpCompletionOption.ResponseHeadersRead);
        var body = response.Content.ReadAsByteArrayAsync();
        Assert.False(body.IsCompleted);
        await backend.StopAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => body);
    }

    [Fact]
    public async Task Delay_OnAManualClock_AnswersWhenTheClockSays()
    {
        var time = new ManualTimeProvider();
        await using var backend = await HttpBackend.StartAsync(new() { TimeProvider = time });
        backend.Enqueue(BackendAnswer.Delay(TimeSpan.FromHours(1), BackendAnswer.Status(418)));
        using var http = ClientOf(HttpProtocols.Http1);

        var call = http.GetAsync(backend.Address);
        await time.WhenArmedAsync();
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromHours(1));

        using var response = await call;
        Assert.Equal(418, (int)response.StatusCode);
    }

    [Fact]
    public async Task SlowBody_OnAManualClock_ArrivesPieceByPiece()
    {
        var time = new ManualTimeProvider();
        await using var backend = await HttpBackend.StartAsync(new() { TimeProvider = time });
        backend.Enqueue(BackendAnswer.SlowBody(2, TimeSpan.FromMinutes(1)));
        using var http = ClientOf(HttpProtocols.Http1);

        using var response = await http.GetAsync(backend.Address, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var bytes = new byte[100];
        for (var i = 0; i < 2; i++)
        {
            var read = body.ReadAsync(bytes).AsTask();
            await time.WhenArmedAsync();
            Assert.False(read.IsCompleted);
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(10, await read);
        }

        Assert.Equal(0, await body.ReadAsync(bytes));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task GoAway_Scripted_AnswersAndTheNextCallNeedsANewConnection(HttpProtocols protocols)
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = protocols });
        backend.Enqueue(BackendAnswer.GoAway);
        using var http = ClientOf(protocols);

        Assert.Equal("backend", await http.GetStringAsync(backend.Address));
        await Eventually.TrueAsync(async () =>
        {
            await http.GetStringAsync(backend.Address);
            return backend.ConnectionCount == 2;
        });
    }

    [Fact]
    public async Task ResetStream_OverHttp2_FailsOneCallAndKeepsTheConnection()
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = HttpProtocols.Http2 });
        backend.Enqueue(BackendAnswer.ResetStream(2));
        using var http = ClientOf(HttpProtocols.Http2);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(backend.Address));
        await http.GetStringAsync(backend.Address);

        var protocol = Assert.IsType<HttpProtocolException>(failure.InnerException);
        Assert.Equal((2L, 1), (protocol.ErrorCode, backend.ConnectionCount));
    }

    [Fact]
    public async Task RefusedStream_OverHttp2_ClientTriesAgainByItself()
    {
        await using var backend = await HttpBackend.StartAsync(new() { Protocols = HttpProtocols.Http2 });
        backend.Enqueue(BackendAnswer.RefusedStream);
        using var http = ClientOf(HttpProtocols.Http2);

        await http.GetStringAsync(backend.Address);

        Assert.Equal(2, backend.RequestCount);
    }

    [Fact]
    public async Task RefusedStream_OverHttp1_SaysWhatIsWrong()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Enqueue(BackendAnswer.RefusedStream);
        using var http = ClientOf(HttpProtocols.Http1);

        using var response = await http.GetAsync(backend.Address);

        Assert.Contains("needs HTTP/2", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_ThenStartAgain_RefusesThenAnswersOnTheSamePort()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var http = ClientOf(HttpProtocols.Http1);
        await http.GetStringAsync(backend.Address);

        await backend.StopAsync();
        await backend.StopAsync();
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(backend.Address));
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
        await backend.StartAgainAsync();
        await backend.StartAgainAsync();

        Assert.Equal("backend", await http.GetStringAsync(backend.Address));
        Assert.Equal(2, backend.RequestCount);
    }

    [Fact]
    public async Task Start_OnATakenPort_ThrowsAndLeavesTheOtherAlone()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var http = ClientOf(HttpProtocols.Http1);

        await Assert.ThrowsAsync<IOException>(() => HttpBackend.StartAsync(new() { Port = backend.Port }));

        await http.GetStringAsync(backend.Address);
    }

    [Fact]
    public async Task Records_BeyondTheirBounds_KeepTheLastAndTheBeginning()
    {
        await using var backend = await HttpBackend.StartAsync(new() { MaxRecordedRequests = 2, MaxRecordedBody = 3 });
        using var http = ClientOf(HttpProtocols.Http1);
        for (var i = 0; i < 5; i++)
        {
            using var response = await http.PostAsync(new Uri(backend.Address, $"/{i}"), new StringContent("abcdef"));
        }

        Assert.Equal(["/3", "/4"], backend.Requests.Select(r => r.Path));
        Assert.Equal("abc", Encoding.UTF8.GetString(backend.Requests[0].Body));
        Assert.Equal(5, backend.RequestCount);
    }

    [Fact]
    public async Task Start_WithOptionsThatMakeNoSense_Throws()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            () => HttpBackend.StartAsync(new() { Protocols = HttpProtocols.Http3 }));
        await Assert.ThrowsAsync<ArgumentException>(() => HttpBackend.StartAsync(new() { Port = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BackendAnswer.Status(99));
    }

    private static HttpClient ClientOf(HttpProtocols protocols) => new(new SocketsHttpHandler { UseProxy = false })
    {
        DefaultRequestVersion = protocols == HttpProtocols.Http2 ? Http2 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(20),
    };

    private static HttpRequestMessage Post(HttpProtocols protocols, Uri address, string body) =>
        new(HttpMethod.Post, address)
        {
            Version = protocols == HttpProtocols.Http2 ? Http2 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(body),
        };

    private static IEnumerable<SocketError> SocketErrors(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is SocketException socket)
            {
                yield return socket.SocketErrorCode;
            }
        }
    }
}
