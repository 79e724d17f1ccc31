using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inbound;

public sealed class InboundMiddlewareTests
{
    [Theory]
    [InlineData("web", null, false)]
    [InlineData("web", "1", false)]
    [InlineData("web", "2", true)]
    [InlineData("web", "17", true)]
    [InlineData("web", "-2", false)]
    [InlineData("web", "two", false)]
    [InlineData("web", "2,3", false)]
    [InlineData("web", "", false)]
    [InlineData(null, "2", false)]
    [InlineData("", "2", false)]
    public async Task AttemptHeader_OfAMember_MarksTheCallsOfThatRequestOnly(
        string? caller, string? value, bool retried)
    {
        var seen = false;
        var middleware = Middleware(async _ =>
        {
            await Task.Yield();
            seen = MeshAmbient.Served is { IsRetried: true };
        });
        var context = new DefaultHttpContext();
        Set(context, MeshHeaders.Caller, caller);
        Set(context, MeshHeaders.Attempt, value);

        await middleware.InvokeAsync(context);

        Assert.Equal(retried, seen);
        Assert.Null(MeshAmbient.Served);
    }

    [Fact]
    public async Task CallerNamedTwice_IsNoMember()
    {
        var seen = true;
        var middleware = Middleware(_ =>
        {
            seen = MeshAmbient.Served is { IsRetried: true };
            return Task.CompletedTask;
        });
        var context = new DefaultHttpContext();
        context.Request.Headers[MeshHeaders.Caller] = new(["web", "edge"]);
        context.Request.Headers[MeshHeaders.Attempt] = "2";

        await middleware.InvokeAsync(context);

        Assert.False(seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Application_SeesNoHeaderOfTheMesh_OnTheWire(bool member)
    {
        string[] seen = [];
        await using var app = await MeshedApp.StartAsync(
            new Uri("http://127.0.0.1:1"), build: b => b.Services.AddSingleton<IStartupFilter>(new Seeing(
                request => seen = [.. request.Headers.Keys])));
        using var http = new HttpClient { BaseAddress = app.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (member)
        {
            request.Headers.Add(MeshHeaders.Caller, "web");
        }

        request.Headers.Add(MeshHeaders.Attempt, "2");
        request.Headers.Add(MeshHeaders.Deadline, "1000");
        request.Headers.Add(MeshHeaders.Criticality, "critical");
        request.Headers.Add("x-own", "1");

        using var answer = await http.SendAsync(request);

        Assert.Equal(["Host", "x-own"], seen.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData(null, false)]
    public async Task Drain_IsToldToMembersOnly(string? caller, bool told)
    {
        await using var app = await MeshedApp.StartAsync(new Uri("http://127.0.0.1:1"));
        app.App.Services.GetRequiredService<DrainState>().Begin();
        using var http = new HttpClient { BaseAddress = app.Url };
        if (caller is not null)
        {
            http.DefaultRequestHeaders.Add(MeshHeaders.Caller, caller);
        }

        using var answer = await http.GetAsync("/");

        Assert.Equal(told, answer.Headers.Contains(MeshHeaders.Draining));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("web")]
    public void OrdinaryRequest_PassesWithoutAllocating(string? caller)
    {
        var middleware = Middleware(_ => Task.CompletedTask);
        var context = new DefaultHttpContext();
        context.Request.Headers["x-own"] = "1";
        Run(middleware, context, caller, 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(middleware, context, caller, 1000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static InboundMiddleware Middleware(RequestDelegate next) => new(
        next, new DrainState(), new CallerMembership(Keepers.Create()), new InboundMeters().Instruments,
        Limited.ByNothing(),
        TimeProvider.System);

    private static void Set(HttpContext context, string header, string? value)
    {
        if (value is not null)
        {
            context.Request.Headers[header] = value;
        }
    }

    private static void Run(InboundMiddleware middleware, HttpContext context, string? caller, int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (caller is not null)
            {
                context.Request.Headers[MeshHeaders.Caller] = caller;
            }

            Assert.True(middleware.InvokeAsync(context).IsCompletedSuccessfully);
        }
    }

    private sealed class Seeing(Action<HttpRequest> see) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => app.Run(context =>
        {
            see(context.Request);
            return Task.CompletedTask;
        });
    }
}
