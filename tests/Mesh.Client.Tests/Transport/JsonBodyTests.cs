using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Transport;

/// <summary>JSON, whose length is not known before it is serialised, over mutual TLS on real sockets.</summary>
public sealed class JsonBodyTests : IAsyncLifetime
{
    private const string Type = "application/json; charset=utf-8";

    private readonly SecureMesh _mesh = new SecureMesh().WithIdentity();
    private readonly List<Received> _received = [];
    private MeshMember _member = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _member = await MeshMember.StartAsync(_mesh.Authority.Issue("orders"));
        _member.Answer = ReceiveAsync;
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        _client = _mesh.Mesh.HttpClient();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _mesh.Dispose();
        await _member.DisposeAsync();
    }

    [Fact]
    public async Task Post_Json_IsHttp2WithItsLengthAndLeavesTheRequestAsItWas()
    {
        using var content = JsonContent.Create(new { item = "tea", count = 3 });
        content.Headers.Add("X-Of-Content", ["one", "two"]);

        using var response = await _client.PostAsync("/", content);

        var received = Assert.Single(_received);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(
            new Received("HTTP/2", """{"item":"tea","count":3}""", 24, null, Type) { OfContent = "one, two" }, received);
        Assert.Same(content, response.RequestMessage!.Content);
        Assert.Null(content.Headers.ContentLength);
        Assert.Equal("""{"item":"tea","count":3}""", await content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(BodyReplay.MostBytes, 1, "HTTP/2")]
    [InlineData(BodyReplay.MostBytes + 1, 1, "HTTP/1.1")]
    [InlineData(BodyReplay.MostBytes, 500, "HTTP/2")]
    [InlineData(BodyReplay.MostBytes + 1, 500, "HTTP/1.1")]
    [InlineData(3_000_000, 20_000, "HTTP/1.1")]
    public async Task Post_JsonOfEverySize_ArrivesAsItIs(int bytes, int parts, string protocol)
    {
        var value = Strings(bytes, parts);

        using var response = await _client.PostAsJsonAsync("/", value);

        var received = Assert.Single(_received);
        Assert.Equal(JsonSerializer.Serialize(value), received.Body);
        Assert.Equal(bytes, received.Body.Length);
        Assert.Equal(protocol, received.Protocol);
        Assert.Equal(protocol == "HTTP/2" ? bytes : null, received.Length);
        Assert.Equal(protocol == "HTTP/2" ? null : "chunked", received.Coding);
    }

    [Fact]
    public async Task Post_JsonInAnotherCharset_IsReadAheadInThatCharset()
    {
        var type = new MediaTypeHeaderValue("application/json") { CharSet = "utf-16" };

        using var response = await _client.PostAsync("/", JsonContent.Create("grün", type));

        var received = Assert.Single(_received);
        Assert.Equal(("HTTP/2", "application/json; charset=utf-16"), (received.Protocol, received.Type));
        Assert.Equal("\"gr\\u00FCn\"", Encoding.Unicode.GetString(Encoding.Latin1.GetBytes(received.Body)));
    }

    [Fact]
    public async Task Post_JsonThatWaits_IsSentWhileItWaits()
    {
        var first = new TaskCompletionSource();
        _member.Answer = async context =>
        {
            var begun = new byte[3];
            await context.Request.Body.ReadExactlyAsync(begun);
            first.SetResult();
            await ReceiveAsync(context, Encoding.UTF8.GetString(begun));
        };

        using var response = await _client.PostAsJsonAsync("/", Items(default)).WaitAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(new Received("HTTP/1.1", "[10,20]", null, "chunked", Type), Assert.Single(_received));

        async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return 10;
            await first.Task.WaitAsync(cancellationToken);
            yield return 20;
        }
    }

    [Fact]
    public async Task Post_JsonThatWaitsForEver_EndsWithItsCaller()
    {
        var ended = new TaskCompletionSource();
        using var caller = new CancellationTokenSource();
        var calling = _client.PostAsJsonAsync("/", Items(default), caller.Token);
        await Eventually.TrueAsync(() => !_member.Requests.IsEmpty);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(40));

        async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken cancellationToken)
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
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    public async Task Post_SerializerThrows_FailsAsWithoutTheMesh(int before)
    {
        using var bare = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, _) => new(new Abyss()) });
        foreach (var thrown in (Exception[])[new JsonException("x"), new NotSupportedException("x"), new InvalidOperationException("x")])
        {
            var ours = await Record.ExceptionAsync(() => _client.PostAsJsonAsync("/", Failing(thrown)));
            var theirs = await Record.ExceptionAsync(() => bare.PostAsJsonAsync("http://127.0.0.1/", Failing(thrown)));

            Assert.Equal(theirs!.GetType(), ours!.GetType());
            Assert.Equal(theirs.Message, ours.Message);
            Assert.Equal(theirs.InnerException?.GetType(), ours.InnerException?.GetType());
        }

        Assert.Empty(_received);

        IEnumerable<string> Failing(Exception thrown)
        {
            yield return new string('x', before);
            throw thrown;
        }
    }

    [Fact]
    public async Task Put_JsonThatIsRetried_IsSentTwice()
    {
        _member.Answer = async context =>
        {
            context.Response.StatusCode = _received.Count == 0 ? 503 : 200;
            await ReceiveAsync(context);
        };

        using var response = await _client.PutAsJsonAsync("/", "tea");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var expected = new Received("HTTP/2", "\"tea\"", 5, null, Type);
        Assert.Equal([expected, expected], _received);
    }

    [Fact]
    public async Task Post_JsonThatIsRedirected_IsSentToTheOtherPathToo()
    {
        _member.Answer = async context =>
        {
            if (context.Request.Path == "/")
            {
                context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            }

            await ReceiveAsync(context);
        };
        using var client = _mesh.Mesh.HttpClient(new Client.Pipeline.ClientSettings { Name = "", MaxRedirects = 2 });
        var big = Strings(100_000, 10);

        using var small = await client.PostAsJsonAsync("/", "tea");
        using var large = await client.PostAsJsonAsync("/", big);

        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        var text = JsonSerializer.Serialize(big);
        Assert.Equal(["\"tea\"", "\"tea\"", text, text], _received.Select(static received => received.Body));
    }

    [Theory]
    [InlineData(TransportProtocol.Http1, "HTTP/1.1", "chunked")]
    [InlineData(TransportProtocol.Http2, "HTTP/2", null)]
    public async Task Post_ProtocolIsForced_NothingIsReadAhead(
        TransportProtocol protocol, string spoken, string? coding)
    {
        _mesh.Mesh.WithPolicy(edit: policy => policy with { Protocol = protocol });

        using var response = await _client.PostAsJsonAsync("/", "tea");

        Assert.Equal(new Received(spoken, "\"tea\"", null, coding, Type), Assert.Single(_received));
    }

    [Fact]
    public async Task Post_JsonAskedToBeChunked_IsChunked()
    {
        using var request = TestMesh.Post(JsonContent.Create("tea"));
        request.Headers.TransferEncodingChunked = true;

        using var response = await _client.SendAsync(request);

        Assert.Equal(new Received("HTTP/1.1", "\"tea\"", null, "chunked", Type), Assert.Single(_received));
    }

    [Fact]
    public async Task Post_JsonInPlaintext_IsTheApplicationsOwn()
    {
        using var mesh = new TestMesh().WithEndpoints(1);
        using var content = JsonContent.Create("tea");

        using var response = await mesh.HttpClient().PostAsync("/", content);

        Assert.Same(content, Assert.Single(mesh.Stubs.Sent).Content);
    }

    /// <summary>Strings whose JSON is so many bytes long.</summary>
    private static string[] Strings(int bytes, int parts)
    {
        var left = bytes - 1 - (3 * parts);
        var each = left / parts;
        return [.. Enumerable.Range(0, parts).Select(i =>
            new string((char)('a' + (i % 26)), i == 0 ? left - (each * (parts - 1)) : each))];
    }

    private Task ReceiveAsync(HttpContext context) => ReceiveAsync(context, "");

    private async Task ReceiveAsync(HttpContext context, string begun)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
        var body = begun + await reader.ReadToEndAsync();
        lock (_received)
        {
            _received.Add(new Received(
                context.Request.Protocol,
                body,
                context.Request.ContentLength,
                context.Request.Headers.TransferEncoding.FirstOrDefault(),
                context.Request.ContentType)
            {
                OfContent = context.Request.Headers["X-Of-Content"].FirstOrDefault(),
            });
        }
    }

    private sealed record Received(string Protocol, string Body, long? Length, string? Coding, string? Type)
    {
        public string? OfContent { get; init; }
    }

    /// <summary>A connection that takes everything and never answers.</summary>
    private sealed class Abyss() : DelegatingStream(Null)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
