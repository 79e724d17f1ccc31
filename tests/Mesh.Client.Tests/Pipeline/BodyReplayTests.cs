using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

public sealed class BodyReplayTests : IDisposable
{
    private readonly TestMesh _mesh = new TestMesh().WithEndpoints(3)
        .WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero, BackoffMax = TimeSpan.Zero });

    private readonly List<string> _received = [];

    public void Dispose() => _mesh.Dispose();

    public static TheoryData<string> Kinds => ["bytes", "string", "memory", "form", "stream", "push", "multipart"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Put_FirstAttemptReadTheBody_SecondGetsTheSame(string kind)
    {
        using var content = Content(kind, 1000);
        var type = content.Headers.ContentType?.ToString();
        Answer(503);
        Answer(200);
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://orders/") { Content = content };

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, _received.Count);
        Assert.Equal(_received[0], _received[1]);
        Assert.True(_received[0].Length >= 1000);
        Assert.Same(content, request.Content);
        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal(type, s.Content!.Headers.ContentType?.ToString()));
        Assert.All(
            _mesh.Stubs.Sent, s => Assert.Equal(content.Headers.ContentLength, s.Content!.Headers.ContentLength));
    }

    [Fact]
    public async Task Put_SynchronousSend_IsReplayedToo()
    {
        _mesh.Stubs.Then((request, _) =>
        {
            Receive(request);
            return Task.FromResult(ScriptedTransports.Response(503));
        }).Then((request, _) =>
        {
            Receive(request);
            return Task.FromResult(ScriptedTransports.Response(200));
        });
        using var content = Content("stream", 100);

        using var response = await Task.Run(() => _mesh.Invoker().Send(
            new HttpRequestMessage(HttpMethod.Put, "http://orders/") { Content = content }, default));

        Assert.Equal(2, _received.Count);
        Assert.Equal(_received[0], _received[1]);
    }

    [Fact]
    public async Task Put_BodyTooLargeToKeep_IsSentInFullButOnce()
    {
        Answer(503);
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://orders/")
        {
            Content = Content("push", BodyReplay.MostBytes + 1),
        };

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(BodyReplay.MostBytes + 1, _received.Single().Length);
    }

    [Fact]
    public async Task Put_BodyNeverBegun_IsSentToAnotherEndpoint()
    {
        _mesh.Stubs.ThenThrow(new HttpRequestException(HttpRequestError.ConnectionError, "x"));
        Answer(200);
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://orders/")
        {
            Content = Content("stream", BodyReplay.MostBytes * 2),
        };

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(BodyReplay.MostBytes * 2, _received.Single().Length);
    }

    [Fact]
    public async Task Post_ThatCannotBeRetried_BodyIsTheApplicationsOwn()
    {
        using var content = Content("stream", 10);

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Post(content), default);

        Assert.Same(content, _mesh.Stubs.Sent.Single().Content);
    }

    [Fact]
    public void Memory_OfTheProcess_IsReturnedAndCapped()
    {
        var memory = new ReplayMemory(limit: 8 * 1024);
        var small = new BodyReplay(Content("stream", 100), memory);
        var large = new BodyReplay(Content("stream", 30_000), memory);

        small.CreateContent().CopyTo(Stream.Null, null, default);
        large.CreateContent().CopyTo(Stream.Null, null, default);

        Assert.True(small.IsAtHand);
        Assert.False(large.IsAtHand);
        Assert.InRange(memory.Used, 100, 8 * 1024);
        small.Release();
        Assert.Equal(0, memory.Used);
    }

    [Theory]
    [InlineData(8 * 1024, true)]
    [InlineData(1024, false)]
    public async Task ReadAhead_Json_IsKeptWithinTheMemoryOfTheProcess(int limit, bool kept)
    {
        var memory = new ReplayMemory(limit);
        var replay = new BodyReplay(JsonContent.Create(new string('x', 3000)), memory);

        Assert.Equal(kept ? 3002 : null, replay.ReadAhead());
        Assert.True(replay.IsAtHand);
        Assert.Equal(kept, memory.Used > 0);
        using var sent = replay.CreateContent(whole: true);
        Assert.Equal(kept ? 3002 : null, sent.Headers.ContentLength);
        Assert.Equal("application/json; charset=utf-8", sent.Headers.ContentType!.ToString());
        Assert.Equal(3002, (await sent.ReadAsByteArrayAsync()).Length);
        Assert.Equal(kept, replay.IsAtHand);
        replay.Release();
        Assert.Equal(0, memory.Used);
    }

    [Fact]
    public async Task ReadAhead_DisposedContent_FailsWhenItIsSent()
    {
        var source = JsonContent.Create("tea");
        source.Dispose();
        var replay = new BodyReplay(source, new ReplayMemory(1 << 20));

        Assert.Null(replay.ReadAhead());
        using var content = replay.CreateContent(whole: true);
        await Assert.ThrowsAnyAsync<Exception>(() => content.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Release_OfABodyThatIsReadAheadAndWaits_EndsIt()
    {
        var memory = new ReplayMemory(1 << 20);
        var ended = new TaskCompletionSource();
        var replay = new BodyReplay(JsonContent.Create(OneAndSilence(ended)), memory);

        Assert.Null(replay.ReadAhead());
        Assert.Null(replay.ReadAhead());
        Assert.False(ended.Task.IsCompleted);
        replay.Release();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(0, memory.Used);
    }

    [Fact]
    public async Task Send_BodyThatWaitedOnABrokenConnection_EndsIt()
    {
        var ended = new TaskCompletionSource();
        var replay = new BodyReplay(JsonContent.Create(OneAndSilence(ended)), new ReplayMemory(1 << 20));
        replay.ReadAhead();
        using var content = replay.CreateContent(whole: true);

        await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(new Broken()));

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.False(replay.IsAtHand);
    }

    [Fact]
    public async Task Send_TwiceByThePlatform_KeepsOneCopy()
    {
        using var source = new PushContent(new byte[100]);
        var replay = new BodyReplay(source, new ReplayMemory(1 << 20));
        using var content = replay.CreateContent();

        await content.CopyToAsync(Stream.Null);
        using var second = new MemoryStream();
        await content.CopyToAsync(second);

        Assert.Equal(100, second.Length);
        Assert.Equal(1, source.Serialized);
    }

    private static HttpContent Content(string kind, int size)
    {
        var text = new string('x', size);
        var bytes = Encoding.ASCII.GetBytes(text);
        return kind switch
        {
            "bytes" => new ByteArrayContent(bytes),
            "string" => new StringContent(text),
            "memory" => new ReadOnlyMemoryContent(bytes),
            "form" => new FormUrlEncodedContent([new("a", text)]),
            "stream" => new StreamContent(new OneShotStream(bytes)),
            "multipart" => new MultipartFormDataContent("b") { { new StreamContent(new OneShotStream(bytes)), "f" } },
            _ => new PushContent(bytes),
        };
    }

    private void Answer(int status) => _mesh.Stubs.Then(async (request, token) =>
    {
        using var body = new MemoryStream();
        await request.Content!.CopyToAsync(body, token);
        _received.Add(Encoding.ASCII.GetString(body.ToArray()));
        return ScriptedTransports.Response(status);
    });

    private static async IAsyncEnumerable<int> OneAndSilence(
        TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            ended.SetResult();
        }
    }

    private void Receive(HttpRequestMessage request)
    {
        using var body = new MemoryStream();
        request.Content!.CopyTo(body, null, default);
        _received.Add(Encoding.ASCII.GetString(body.ToArray()));
    }

    private sealed class Broken() : DelegatingStream(Stream.Null)
    {
        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("broken");
    }

    /// <summary>As a network stream: it can be read once.</summary>
    private sealed class OneShotStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class PushContent(byte[] bytes) : HttpContent
    {
        public int Serialized { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Serialized++;
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken token)
        {
            Serialized++;
            stream.Write(bytes, 0, bytes.Length);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
