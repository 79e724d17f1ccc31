using System.Diagnostics;
using System.Net;
using Mesh.AspNetCore.Tests.Beside;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Deadlines;

/// <summary>A deadline over Kestrel and through a client of the mesh.</summary>
public sealed class DeadlineOnTheWireTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task CallMadeForTheRequest_EndsWithIt_ThoughNobodyPassedAToken()
    {
        var log = new LogSink();
        var hung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var orders = await KestrelApp.StartAsync(_ => { }, app => app.Run(async context =>
        {
            if (context.Request.Path == "/warm")
            {
                return;
            }

            using var gone = context.RequestAborted.Register(() => hung.TrySetResult());
            await hung.Task;
        }));
        await using var web = await KestrelApp.StartAsync(
            builder =>
            {
                builder.Logging.AddProvider(log);
                builder.Services.AddMeshTo(orders.Port()).AddMesh().AddServer();
                builder.Services.AddHttpClient("orders", c => c.BaseAddress = new Uri("http://orders"));
            },
            app => app.MapGet("/{path}", (string path, IHttpClientFactory clients) =>
                clients.CreateClient("orders").GetStringAsync(path)));
        using var http = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };

        // What is compiled at the first call takes its time.
        await http.GetStringAsync("/warm");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hang");
        request.Headers.Add(MeshHeaders.Caller, "shop");
        request.Headers.Add(MeshHeaders.Deadline, "500");
        var watch = Stopwatch.StartNew();

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal(MeshReasons.Deadline, answer.Headers.GetValues(MeshHeaders.Reason).Single());
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(490), Patience);
        await hung.Task.WaitAsync(Patience);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task GrpcCallOverHttp2_IsAnsweredWithTrailersOnly()
    {
        await using var web = await KestrelApp.StartAsync(
            builder => builder.Services.AddMeshTo(1).AddMesh().AddServer(),
            app => app.Run(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted)),
            HttpProtocols.Http2);
        using var http = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/pricing.Pricing/Get")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.Add("grpc-timeout", "200m");

        using var answer = await http.SendAsync(request).WaitAsync(Patience);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("4", answer.Headers.GetValues("grpc-status").Single());
        Assert.Equal(MeshReasons.Deadline, answer.Headers.GetValues(MeshHeaders.Reason).Single());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task DownloadThatBeganInTime_IsNotCutByTheDeadlineOfItsHeaders()
    {
        var deadline = TimeSpan.FromMilliseconds(500);
        await using var web = await KestrelApp.StartAsync(
            builder => builder.Services.AddMeshTo(1).AddMesh().AddServer(),
            app => app.Run(async context =>
            {
                await context.Response.WriteAsync("first ");
                await context.Response.Body.FlushAsync();
                await Task.Delay(deadline * 2, context.RequestAborted);
                await context.Response.WriteAsync("last");
            }));
        using var http = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add(MeshHeaders.Caller, "shop");
        request.Headers.Add(MeshHeaders.Deadline, deadline.TotalMilliseconds.ToString("0", null));

        using var answer = await http.SendAsync(request);

        Assert.Equal("first last", await answer.Content.ReadAsStringAsync());
    }
}
