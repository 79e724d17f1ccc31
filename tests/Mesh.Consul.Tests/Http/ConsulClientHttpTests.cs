using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Consul.Tests;

public sealed class ConsulClientHttpTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Read_WithOptions_AsksExactlyThat()
    {
        var target = "";
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            return context.Response.WriteAsync("[]");
        });
        using var client = consul.Client(configure: options => options.Datacenter = "dc9");
        var blocking = new ConsulQuery
        {
            Index = 5, Wait = TimeSpan.FromSeconds(1.5), Consistency = ConsulConsistency.Stale, Datacenter = "dc 1",
        };

        await client.GetServiceHealthAsync("a/b c?", blocking, None);
        Assert.Equal("/v1/health/service/a%2Fb%20c%3F?dc=dc%201&stale&index=5&wait=1500ms", target);
        await client.GetServiceHealthAsync("a", new ConsulQuery { Consistency = ConsulConsistency.Consistent }, None);
        Assert.Equal("/v1/health/service/a?dc=dc9&consistent", target);
        await client.GetConnectHealthAsync("a/b", new ConsulQuery { Index = 7 }, None);
        Assert.Equal("/v1/health/connect/a%2Fb?dc=dc9&index=7", target);
        await client.ListKeysAsync("mesh/ä/", new ConsulQuery { Wait = TimeSpan.FromSeconds(1) }, None);
        Assert.Equal("/v1/kv/mesh/%C3%A4/?recurse&dc=dc9", target);
    }

    [Fact]
    public async Task Headers_OfAnAnswer_AreRead()
    {
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            context.Response.Headers["X-Consul-Index"] = "18446744073709551615";
            context.Response.Headers["X-Consul-KnownLeader"] = "false";
            context.Response.Headers["X-Consul-LastContact"] = "1234";
            context.Response.Headers.Date = "Tue, 01 Jan 2030 00:00:00 GMT";
            return context.Response.WriteAsync("[]");
        });
        using var client = consul.Client();

        var answer = await client.GetServiceHealthAsync("a", ConsulQuery.None, None);

        Assert.Equal((ulong.MaxValue, false), (answer.Index, answer.KnownLeader));
        Assert.Equal(TimeSpan.FromMilliseconds(1234), answer.LastContact);
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), answer.Date);
        Assert.False(answer.NotFound);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task Index_ThatIsNoNumber_CountsAsNone(string index)
    {
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            context.Response.Headers["X-Consul-Index"] = index;
            return context.Response.WriteAsync("[]");
        });
        using var client = consul.Client();

        Assert.Equal(0ul, (await client.GetServiceHealthAsync("a", ConsulQuery.None, None)).Index);
    }

    [Fact]
    public async Task Token_IsSentAndNeverTold()
    {
        string? sent = null;
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            sent = context.Request.Headers["X-Consul-Token"];
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync($"\r\n Permission denied for {sent}\n");
        });
        using var client = consul.Client(configure: options => options.Token = "s3cr3t");

        var error = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetKeyAsync("mesh/x", ConsulQuery.None, None));

        Assert.Equal("s3cr3t", sent);
        Assert.Equal((HttpStatusCode.Forbidden, true), (error.StatusCode, error.IsPermissionDenied));
        Assert.Equal(
            "Consul answered GET /v1/kv/mesh/x with 403: Permission denied for [token]. Add to the policies of the token " +
            """(from the configuration or CONSUL_HTTP_TOKEN): key "mesh/x" { policy = "read" }""",
            error.Message);
    }

    [Fact]
    public async Task BasicAuthentication_IsSentBesideTheToken()
    {
        var sent = "";
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            sent = $"{context.Request.Headers.Authorization}|{context.Request.Headers["X-Consul-Token"]}";
            return context.Response.WriteAsync("\"\"");
        });
        using var client = consul.Client(configure: options => (options.HttpAuth, options.Token) = ("ana:pw", "t"));

        await client.GetLeaderAsync(None);

        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("ana:pw"))}|t", sent);
    }

    [Fact]
    public async Task Error_WithALongPage_IsCut()
    {
        await using var consul = await FakeConsul.StartAsync(new string('x', 100_000), 502);
        using var client = consul.Client();

        var error = await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None));

        Assert.Equal(HttpStatusCode.BadGateway, error.StatusCode);
        Assert.InRange(error.Message.Length, 500, 600);
    }

    [Fact]
    public async Task Redirect_IsAnErrorAndNotFollowed()
    {
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            Assert.Equal("/v1/status/leader", context.Request.Path);
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var client = consul.Client();

        var error = await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None));

        Assert.Equal(HttpStatusCode.Redirect, error.StatusCode);
    }

    [Fact]
    public async Task NotFound_WithIndex_IsAnEmptyAnswer()
    {
        await using var consul = await FakeConsul.StartAsync("", 404, index: 33);
        using var client = consul.Client();

        var list = await client.ListKeysAsync("mesh/", ConsulQuery.None, None);
        Assert.Equal((true, 33ul, 0), (list.NotFound, list.Index, list.Value.Length));
        var one = await client.GetKeyAsync("mesh/x", ConsulQuery.None, None);
        Assert.Equal((true, 33ul, null), (one.NotFound, one.Index, one.Value));
    }

    [Fact]
    public async Task NotFound_WithoutIndex_IsNotBelieved()
    {
        await using var consul = await FakeConsul.StartAsync("404 page not found", 404, index: null);
        using var client = consul.Client();

        await Assert.ThrowsAsync<ConsulException>(() => client.ListKeysAsync("mesh/", ConsulQuery.None, None));
        await Assert.ThrowsAsync<ConsulException>(() => client.GetKeyAsync("mesh/x", ConsulQuery.None, None));
    }

    [Fact]
    public async Task NotFound_OfAnythingButKeys_IsAnError()
    {
        await using var consul = await FakeConsul.StartAsync("", 404);
        using var client = consul.Client();

        await Assert.ThrowsAsync<ConsulException>(() => client.GetServiceHealthAsync("a", ConsulQuery.None, None));
        await Assert.ThrowsAsync<ConsulException>(
            () => client.UpdateCheckAsync("c", ConsulHealth.Passing, "", None));
        await client.DeregisterServiceAsync("gone", None);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{\"Node\":{}}")]
    [InlineData("[{\"Service\":{\"Port\":\"x\"}}]")]
    [InlineData("[{}")]
    [InlineData("")]
    public async Task Body_ThatIsNotTheAnswer_IsAnError(string body)
    {
        await using var consul = await FakeConsul.StartAsync(body);
        using var client = consul.Client();

        var error = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetServiceHealthAsync("a", ConsulQuery.None, None));

        Assert.Contains("/v1/health/service/a", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_ThatDoesNotAnswer_IsAnErrorAfterTenSeconds()
    {
        var asked = new TaskCompletionSource();
        await using var consul = await FakeConsul.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var clock = new FakeClock();
        using var client = consul.Client(clock);
        var call = client.GetLeaderAsync(None);
        await asked.Task;

        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.1));

        var error = await Assert.ThrowsAsync<ConsulException>(() => call);
        Assert.Contains("within 10 s", error.Message, StringComparison.Ordinal);
        Assert.Null(error.StatusCode);
    }

    [Fact]
    public async Task BlockingRead_WithoutAnswer_IsAnErrorAfterWaitAndMargin()
    {
        var asked = new TaskCompletionSource();
        await using var consul = await FakeConsul.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var clock = new FakeClock();
        using var client = consul.Client(clock);
        var query = new ConsulQuery { Index = 1, Wait = TimeSpan.FromSeconds(160) };
        var call = client.GetServiceHealthAsync("a", query, None);
        await asked.Task;

        clock.Advance(TimeSpan.FromSeconds(179));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<ConsulException>(() => call);
        Assert.Contains("within 180 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ThatStopsHalfWay_IsAnErrorAfterThirtySeconds()
    {
        await using var consul = await FakeConsul.StartAsync(async context =>
        {
            await context.Response.WriteAsync("[");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var clock = new FakeClock();
        using var client = consul.Client(clock);
        var call = client.GetServiceHealthAsync("a", ConsulQuery.None, None);
        Assert.Equal(TimeSpan.FromSeconds(10), await clock.NextPauseAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromSeconds(30), await clock.NextPauseAsync(TimeSpan.FromMinutes(1)));

        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<ConsulException>(() => call);
        Assert.Contains("did not finish", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Caller_ThatCancels_GetsACancellation()
    {
        await using var consul = await FakeConsul.StartAsync(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = consul.Client();
        using var stop = new CancellationTokenSource();
        var call = client.GetLeaderAsync(stop.Token);

        await stop.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(stop.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Connection_Lost_EndsABlockedReadAtOnce()
    {
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var client = consul.Client();

        await Assert.ThrowsAsync<ConsulException>(
            () => client.GetServiceHealthAsync("a", new ConsulQuery { Index = 5 }, None)
                .WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Connection_Refused_SaysWhere()
    {
        using var client = new ConsulClient(new ConsulClientOptions { Address = "127.0.0.1:1" });

        var error = await Assert.ThrowsAsync<ConsulException>(() => client.GetLeaderAsync(None));

        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.IsType<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task UnixSocket_IsSpokenTo()
    {
        using var folder = new TemporaryFolder();
        var host = "";
        await using var consul = await FakeConsul.StartAsync(
            context =>
            {
                host = context.Request.Headers.Host;
                return context.Response.WriteAsync("\"10.0.0.1:8300\"");
            },
            folder.File("c.sock"));
        using var client = new ConsulClient(new ConsulClientOptions { Address = "unix://" + folder.File("c.sock") });

        Assert.Equal("10.0.0.1:8300", await client.GetLeaderAsync(None));
        Assert.Equal("localhost", host);
    }

    [Fact]
    public async Task Calls_AreInvisibleToTheApplicationsTelemetry()
    {
        var traceparent = "none";
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            traceparent = context.Request.Headers.TraceParent.ToString();
            return context.Response.WriteAsync("\"\"");
        });
        var seen = 0;
        var recorded = 0;
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => seen += Equals(span.GetTagItem("server.port"), consul.Port) ? 1 : 0,
        };
        ActivitySource.AddActivityListener(spans);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "System.Net.Http", Name: "http.client.request.duration" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            recorded += tags.ToArray().Any(tag => Equals(tag.Value, consul.Port)) ? 1 : 0);
        meters.Start();
        using var caller = new Activity("caller").Start();
        using var plain = new HttpClient();

        using var client = consul.Client();
        await client.GetLeaderAsync(None);
        Assert.Equal(("", 0, 0), (traceparent, seen, recorded));

        await plain.GetStringAsync($"http://{consul.HostAndPort}/");
        Assert.StartsWith("00-", traceparent, StringComparison.Ordinal);
        Assert.Equal((1, 1), (seen, recorded));
    }

    [Fact]
    public async Task Disposed_Client_RefusesCalls()
    {
        var client = new ConsulClient(new ConsulClientOptions { Address = "127.0.0.1:1" });
        client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetLeaderAsync(None));
    }
}
