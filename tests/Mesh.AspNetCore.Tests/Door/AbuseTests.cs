using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>
/// Slow, oversized and meaningless input: Kestrel's own answers, and everybody else is served meanwhile.
/// </summary>
public sealed class AbuseTests
{
    [Fact]
    public async Task ManyWhoSaySomethingAndStop_TakeNoThread_AndAreLetGo()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Permissive, Impatient);
        using var counted = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());
        var silent = await OpenManyAsync(app.Port, 100, []);
        var halfHello = await OpenManyAsync(app.Port, 100, [0x16, 3, 1, 2, 0, 1]);
        var slowHeaders = await OpenManyAsync(app.Port, 20, "GET / HTTP/1.1\r\nHost: "u8.ToArray());

        // All of them are open, and nobody waits for them.
        Assert.Equal("https HTTP/2 web", await app.Member("web", HttpVersion.Version20).GetStringAsync("/"));
        Assert.Equal("http HTTP/1.1 nobody", await app.Plain().GetStringAsync("/"));

        foreach (var connection in silent)
        {
            Assert.Equal("", await ReadToEndAsync(connection));
        }

        foreach (var connection in slowHeaders)
        {
            Assert.StartsWith("HTTP/1.1 408 ", await ReadToEndAsync(connection), StringComparison.Ordinal);
        }

        foreach (var connection in halfHello)
        {
            Assert.Equal("", await ReadToEndAsync(connection));
        }

        Assert.Equal(100, counted.Of(MeshTelemetry.DoorRefusals, MeshReasons.Handshake));
        Assert.Equal("https HTTP/1.1 web", await app.Member().GetStringAsync("/"));
        Assert.DoesNotContain(app.Log.Lines, l => l.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task ServerThatStops_DoesNotWaitForWhoSaysNothing()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict);
        var silent = await OpenManyAsync(app.Port, 20, []);
        using var leaf = app.Authority.Issue("web");
        using var socket = (await OpenManyAsync(app.Port, 1, [])).Single();
        await using var secured = new SslStream(new NetworkStream(socket));
        await secured.AuthenticateAsClientAsync(DoorApp.Shows(leaf)); // And then says nothing.
        Assert.Equal("https HTTP/1.1 web", await app.Member().GetStringAsync("/"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        await app.App.StopAsync(patience.Token);

        Assert.False(patience.IsCancellationRequested);
        foreach (var connection in silent)
        {
            Assert.Equal("", await ReadToEndAsync(connection));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x16 })]
    [InlineData(new byte[] { 0x16, 3, 1, 0xff, 0xff })]
    [InlineData(new byte[] { 0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0 })]
    [InlineData(new byte[] { 0x15, 3, 1, 0, 2, 1, 0 })]
    [InlineData(new byte[] { 0x80, 0x2e, 1, 0, 2 })]
    [InlineData(new byte[] { 0 })]
    public async Task Garbage_EndsItsOwnConnectionOnly(byte[] bytes)
    {
        await using var app = await DoorApp.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            using var socket = (await OpenManyAsync(app.Port, 1, bytes)).Single();
            socket.Shutdown(SocketShutdown.Send);
            await ReadToEndAsync(socket);
        }

        Assert.Equal("https HTTP/1.1 web", await app.Member().GetStringAsync("/"));
        Assert.DoesNotContain(app.Log.Lines, l => l.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task OversizedInput_GetsKestrelsAnswer(string version)
    {
        await using var app = await DoorApp.StartAsync(
            InboundTls.Strict,
            b => b.WebHost.ConfigureKestrel(k =>
            {
                k.Limits.MaxRequestHeaderCount = 10;
                k.Limits.MaxRequestBodySize = 1000;
            }),
            a => a.Run(async c =>
            {
                using var reader = new StreamReader(c.Request.Body);
                await c.Response.WriteAsync((await reader.ReadToEndAsync()).Length.ToString());
            }));
        var member = app.Member("web", Version.Parse(version));
        using var fits = new ByteArrayContent(new byte[1000]);
        using var tooBig = new ByteArrayContent(new byte[1001]);
        using var tooMany = new HttpRequestMessage(HttpMethod.Get, "/") { Version = Version.Parse(version) };
        for (var i = 0; i < 20; i++)
        {
            tooMany.Headers.Add($"x-{i}", "1");
        }

        using var first = await member.PostAsync("/", fits);
        using var second = await member.PostAsync("/", tooBig);
        using var third = await member.GetAsync("/");
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.OK],
            new[] { first, second, third }.Select(a => a.StatusCode));

        // Over HTTP/2 Kestrel knows no way but to end the connection.
        if (version == "1.1")
        {
            using var fourth = await member.SendAsync(tooMany);
            Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, fourth.StatusCode);
        }
        else
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => member.SendAsync(tooMany));
        }

        using var last = await member.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("pipe")]
    [InlineData("buffered")]
    public async Task SlowBodyOverHttp2_Is408_AndOtherRequestsOfTheConnectionGoOn(string read)
    {
        var other = new TaskCompletionSource();
        await using var app = await DoorApp.StartAsync(
            InboundTls.Strict, Slow, a => a.Run(c => ReadAsync(c, read, other)));
        using var counted = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());
        var member = app.Member("web", HttpVersion.Version20);
        var running = member.GetStringAsync("/wait");
        using var content = new Trickle();

        using var answer = await member.PostAsync("/read", content);

        Assert.Equal(HttpStatusCode.RequestTimeout, answer.StatusCode);
        Assert.Equal(1, counted.Of(MeshTelemetry.DoorRefusals, MeshReasons.SlowBody));
        other.SetResult();
        Assert.Equal("done", await running);
        using var quick = new StringContent("0123456789");
        using var after = await member.PostAsync("/read", quick);
        Assert.Equal("10", await after.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task SlowBodyOverHttp1_Is408()
    {
        await using var app = await DoorApp.StartAsync(
            InboundTls.Strict, Slow, a => a.Run(c => ReadAsync(c, "stream", new TaskCompletionSource())));
        using var leaf = app.Authority.Issue("web");

        var answer = await app.AskOnceAsync(
            DoorApp.Shows(leaf), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamWithoutALimit_MayIdle_AsGrpcDoes()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict, Slow, a => a.Run(c =>
        {
            c.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>()!
                .MinDataRate = null;
            return ReadAsync(c, "pipe", new TaskCompletionSource());
        }));
        using var content = new Trickle();
        var posting = app.Member("web", HttpVersion.Version20).PostAsync("/read", content);

        // Several times as long as others are allowed.
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.False(posting.IsCompleted);
        content.End();

        using var answer = await posting;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static void Impatient(WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(k =>
    {
        k.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(2);
        k.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(2);
    });

    private static void Slow(WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(
        k => k.Limits.MinRequestBodyDataRate = new MinDataRate(100, TimeSpan.FromSeconds(1.5)));

    private static async Task ReadAsync(HttpContext context, string how, TaskCompletionSource other)
    {
        if (context.Request.Path == "/wait")
        {
            await other.Task;
            await context.Response.WriteAsync("done");
            return;
        }

        var length = 0L;
        if (how == "pipe")
        {
            while (await context.Request.BodyReader.ReadAsync() is var result)
            {
                length += result.Buffer.Length;
                context.Request.BodyReader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        else
        {
            if (how == "buffered")
            {
                context.Request.EnableBuffering();
            }

            using var bytes = new MemoryStream();
            await context.Request.Body.CopyToAsync(bytes);
            length = bytes.Length;
        }

        await context.Response.WriteAsync(length.ToString());
    }

    private static async Task<Socket[]> OpenManyAsync(int port, int count, byte[] first)
    {
        var sockets = new Socket[count];
        for (var i = 0; i < count; i++)
        {
            sockets[i] = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await sockets[i].ConnectAsync("127.0.0.1", port);
            if (first.Length > 0)
            {
                await sockets[i].SendAsync(first);
            }
        }

        return sockets;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadToEndAsync(patience.Token);
        }
        catch (IOException)
        {
            return ""; // Reset: also an end.
        }
    }

    /// <summary>Ten bytes at once, and then nothing until the test says so.</summary>
    private sealed class Trickle : HttpContent
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[10]);
            await stream.FlushAsync();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            End();
            base.Dispose(disposing);
        }
    }
}
