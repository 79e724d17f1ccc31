using System.Buffers.Binary;
using System.Net;
using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.AspNetCore.Tests.Registering;

/// <summary>What those who call a stopping server see, on real connections.</summary>
[Collection(ConsulCollection.Name)]
public sealed class DrainTests(ConsulCollection.Agent agent)
{
    private const byte GoAway = 7;
    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    [Fact]
    public async Task Http1_WhileDraining_AnAnswerEndsItsConnection()
    {
        await using var app = await StartAsync(new Streaming());
        await using var connection = await RawConnection.OpenAsync(app.Port());
        await connection.SendAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.DoesNotContain("Connection:", await connection.ReadHeadAsync(), StringComparison.Ordinal);

        app.App.Services.GetRequiredService<DrainState>().Begin();
        await connection.SendAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Contains("Connection: close", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.True(await connection.EndsAsync());
    }

    [Fact]
    public async Task Upgrade_WhileDraining_StaysAnUpgrade()
    {
        await using var app = await StartAsync(new Streaming());
        app.App.Services.GetRequiredService<DrainState>().Begin();
        await using var connection = await RawConnection.OpenAsync(app.Port());

        await connection.SendAsync("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n");

        Assert.Contains("Connection: Upgrade", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Stream_BeganBeforeTheStop_IsFinished_WhileNewCallsAreRefusedUnsent(string version)
    {
        var streaming = new Streaming();
        await using var app = await StartAsync(streaming, version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        using var http = Client(app, version);
        using var stream = await http.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead);

        var stopping = app.App.StopAsync();

        // The count is of this moment: what is asked from here on must not be in it.
        await Eventually.TrueAsync(() => app.Log.Count(7016) == 1, "the server to close", app.Log.Text);
        var refused = await RefusedAsync(http);
        streaming.End();

        Assert.Equal(HttpRequestError.ConnectionError, refused.HttpRequestError);
        Assert.Equal("first,last", await stream.Content.ReadAsStringAsync());
        Assert.Equal(version == "2.0" ? ["0"] : [], stream.TrailingHeaders.SelectMany(h => h.Value));
        await stopping;
        Assert.Contains("1 requests", app.Log.Lines.Single(l => l.Id.Id == 7016).Text, StringComparison.Ordinal);
        Assert.Equal(0, app.Log.Count(7017));
    }

    /// <summary>
    /// What makes a request that crosses the end of a connection safe: while others run on it, it is served; else it is
    /// above the last stream that GOAWAY names, so provably not processed.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http2_AtStop_HearsGoAway_ThatNamesTheLastRequestServed(bool busy)
    {
        var streaming = new Streaming();
        await using var app = await StartAsync(streaming, HttpProtocols.Http2);
        await using var connection = await RawConnection.OpenAsync(app.Port());
        await connection.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await connection.SendFrameAsync(type: 4, flags: 0, stream: 0);
        if (busy)
        {
            await connection.GetHttp2Async("/stream", stream: 1);
            await connection.ReadUntilAsync(type: 0);
        }

        var stopping = app.App.StopAsync();
        var first = LastStream(await connection.ReadUntilAsync(GoAway));
        Assert.Equal(busy ? int.MaxValue : 0, first);
        if (busy)
        {
            await connection.GetHttp2Async("/crossing", stream: 3);
            Assert.Equal("/crossing"u8.ToArray(), await connection.ReadUntilAsync(type: 0));
            streaming.End();
            Assert.Equal("last"u8.ToArray(), await connection.ReadUntilAsync(type: 0));
        }

        // As clients do that have heard it: the server waits for them.
        await connection.DisposeAsync();
        await stopping;
        Assert.Equal(0, app.Log.Count(7017));
    }

    private static int LastStream(byte[] goAway)
    {
        Assert.Equal(0, BinaryPrimitives.ReadInt32BigEndian(goAway.AsSpan(4)));
        return BinaryPrimitives.ReadInt32BigEndian(goAway);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Stream_LongerThanTheShutdownTimeout_IsCut_Counted_AndTheProcessEnds(string version)
    {
        await using var app = await StartAsync(
            new Streaming(), version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1, TimeSpan.FromSeconds(1));
        using var http = Client(app, version);
        using var one = await http.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead);
        using var two = await http.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead);

        await app.App.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<HttpRequestException>(() => one.Content.ReadAsStringAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => two.Content.ReadAsStringAsync());
        var cut = app.Log.Lines.Single(l => l.Id.Id == 7017).Text;
        Assert.Contains("2 requests in flight are cut", cut, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_ServesUntilTheDelayHasPassed_ByItsClock()
    {
        var clock = new ManualTimeProvider();
        await using var app = await MeshedApp.StartAsync(
            Nowhere,
            o => o.DrainDelay = TimeSpan.FromSeconds(20),
            b => b.Services.AddSingleton<TimeProvider>(clock).AddSingleton<IStartupFilter>(new Streaming()));
        using var http = Client(app, "1.1");
        var stopping = app.App.StopAsync();
        await Eventually.TrueAsync(() => clock.NextTimerIn == TimeSpan.FromSeconds(20), "the delay", app.Log.Text);

        clock.Advance(TimeSpan.FromSeconds(19.9));
        Assert.Equal("/x", await http.GetStringAsync("/x"));
        Assert.Equal(0, app.Log.Count(7016));
        clock.Advance(TimeSpan.FromSeconds(0.1));

        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, app.Log.Count(7016));
    }

    [Fact]
    public async Task ConsulDown_AtStop_CallersAreToldByTheirAnswersAllTheSame()
    {
        await using var own = await ConsulAgent.StartAsync();
        await using var app = await MeshedApp.StartAsync(
            own.Address,
            o => o.DrainDelay = TimeSpan.FromSeconds(5),
            b => b.Services.AddSingleton<IStartupFilter>(new Streaming()));
        await app.RegisteredAsync();
        await own.KillAsync();
        using var http = Client(app, "1.1");

        var stopping = app.App.StopAsync();
        await Eventually.TrueAsync(() => app.Log.Count(7006) == 1, "leaving to fail", app.Log.Text);
        using var answer = await http.GetAsync("/x");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.Contains(MeshHeaders.Draining));
        Assert.True(answer.Headers.ConnectionClose);
        await stopping;
    }

    [Fact]
    public async Task ConsulNotUsed_CallersAreToldByTheirAnswersAllTheSame()
    {
        var clock = new ManualTimeProvider();
        var mesh = new MeshOptions();
        mesh.Discovery.UseConsul = false;
        await using var app = await MeshedApp.StartAsync(
            Nowhere,
            o => o.DrainDelay = TimeSpan.FromSeconds(20),
            b => b.Services.AddSingleton<TimeProvider>(clock).AddSingleton(mesh)
                .AddSingleton<IStartupFilter>(new Streaming()));
        using var http = Client(app, "1.1");

        var stopping = app.App.StopAsync();
        await Eventually.TrueAsync(() => clock.NextTimerIn == TimeSpan.FromSeconds(20), "the delay", app.Log.Text);
        using var answer = await http.GetAsync("/x");
        clock.Advance(TimeSpan.FromSeconds(20));

        Assert.True(answer.Headers.Contains(MeshHeaders.Draining));
        await stopping;
    }

    [Fact]
    public async Task DrainOff_ClosesAtOnce_TellsNobody_AndLeavesConsulLast()
    {
        var streaming = new Streaming();
        await using var app = await MeshedApp.StartAsync(
            agent.Consul.Address,
            o => (o.Drain, o.DrainDelay) = (false, TimeSpan.FromMinutes(5)),
            b => b.Services.AddSingleton<IStartupFilter>(streaming));
        await app.RegisteredAsync();
        using var http = Client(app, "1.1");
        using var stream = await http.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead);

        var stopping = app.App.StopAsync();
        await RefusedAsync(http);
        Assert.NotNull(await app.FindAsync());
        streaming.End();

        await stopping;
        Assert.Null(await app.FindAsync());
        Assert.Equal(1, app.Log.Count(7018));
        Assert.Equal(0, app.Log.Count(7016));
    }

    [Theory]
    [InlineData(8, true, 1)]
    [InlineData(9, true, 0)]
    [InlineData(8, false, 0)]
    public async Task Start_WarnsWhenTheTimeoutLeavesNoRoomForRequests(int seconds, bool drain, int warnings)
    {
        await using var app = await MeshedApp.StartAsync(
            Nowhere,
            o => (o.Drain, o.DrainDelay, o.DeregisterTimeout) = (drain, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)),
            b => b.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(seconds)));

        Assert.Equal(warnings, app.Log.Count(7009));
        await app.App.StopAsync(new CancellationToken(canceled: true));
    }

    private static Task<MeshedApp> StartAsync(
        Streaming streaming, HttpProtocols protocols = HttpProtocols.Http1, TimeSpan? timeout = null) =>
        MeshedApp.StartAsync(Nowhere, build: builder =>
        {
            builder.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = protocols));
            builder.Services.AddSingleton<IStartupFilter>(streaming);
            builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = timeout ?? TimeSpan.FromSeconds(30));
        });

    private static HttpClient Client(MeshedApp app, string version)
    {
        var http = new HttpClient
        {
            BaseAddress = app.Url,
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        http.DefaultRequestHeaders.Add(MeshHeaders.Caller, "web");
        return http;
    }

    /// <summary>Calls until nobody listens; every call before is answered.</summary>
    private static async Task<HttpRequestException> RefusedAsync(HttpClient http)
    {
        HttpRequestException? refused = null;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                Assert.Equal("/x", await http.GetStringAsync("/x"));
                return false;
            }
            catch (HttpRequestException error)
            {
                refused = error;
                return true;
            }
        }, "the listener to close");
        return refused!;
    }
}
