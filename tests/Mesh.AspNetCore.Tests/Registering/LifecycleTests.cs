using System.Diagnostics;
using System.Net;
using Mesh.AspNetCore.Registering;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Registering;

[Collection(ConsulCollection.Name)]
public sealed class LifecycleTests(ConsulCollection.Agent agent)
{
    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Stop_LeavesConsulFirst_ThenDrains_ThenRefuses_AndFinishesWhatIsInFlight()
    {
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var app = await MeshedApp.StartAsync(
            _consul, o => o.DrainDelay = TimeSpan.FromSeconds(1),
            b => b.Services.AddSingleton<IStartupFilter>(new Slow(entered, gate)));
        await app.RegisteredAsync();
        using var http = new HttpClient { BaseAddress = app.Url };
        http.DefaultRequestHeaders.Add(MeshHeaders.Caller, "web");
        var inFlight = http.GetAsync("/slow");
        await entered.Task;

        var stopping = app.App.StopAsync();
        await Eventually.TrueAsync(
            async () => await app.FindAsync() is null, "the instance to leave Consul", app.Log.Text);

        // Gone from Consul, and still serving those who have not heard of it.
        using (var drained = await http.GetAsync("/quick"))
        {
            Assert.Equal(HttpStatusCode.OK, drained.StatusCode);
            Assert.Equal("1", Assert.Single(drained.Headers.GetValues(MeshHeaders.Draining)));
        }

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var fresh = new HttpClient { BaseAddress = app.Url };
                using var answer = await fresh.GetAsync("/quick");
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        }, "the listener to close");
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        using var finished = await inFlight;
        Assert.Equal("slow", await finished.Content.ReadAsStringAsync());

        // It began before the stop, and its answer says so all the same: nobody keeps its connection.
        Assert.Equal("1", Assert.Single(finished.Headers.GetValues(MeshHeaders.Draining)));
        Assert.True(finished.Headers.ConnectionClose);
        await stopping;
    }

    [Fact]
    public async Task Serving_SendsNoDrainHeader()
    {
        await using var app = await MeshedApp.StartAsync(_consul);
        using var http = new HttpClient { BaseAddress = app.Url };

        using var answer = await http.GetAsync("/");

        Assert.False(answer.Headers.Contains(MeshHeaders.Draining));
    }

    [Theory]
    [InlineData("Development", 0)]
    [InlineData("Production", 2)]
    public async Task DrainDelay_Default_DependsOnTheEnvironment(string environment, int seconds)
    {
        await using var app = MeshedApp.Create(_consul, o => o.DrainDelay = null, environment: environment);

        var lifecycle = app.App.Services.GetServices<IHostedService>().OfType<ServerLifecycle>().Single();

        Assert.Equal(TimeSpan.FromSeconds(seconds), lifecycle.DrainDelay);
    }

    [Fact]
    public async Task Drain_LongerThanTheShutdownTimeout_WarnsAtStart_AndIsCut()
    {
        await using var app = await MeshedApp.StartAsync(
            _consul,
            o => o.DrainDelay = TimeSpan.FromMinutes(1),
            b => b.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(1)));
        Assert.Equal(1, app.Log.Count(7009));
        await app.RegisteredAsync();

        var watch = Stopwatch.StartNew();
        await app.App.StopAsync();

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
        Assert.Equal(1, app.Log.Count(7010));
        Assert.Null(await app.FindAsync());
    }

    [Fact]
    public async Task ConsulDown_AtStart_ServesAndRegistersWhenItComes()
    {
        await using var own = await ConsulAgent.StartAsync();
        await own.StopAsync();
        await using var app = await MeshedApp.StartAsync(own.Address);
        using var http = new HttpClient { BaseAddress = app.Url };
        await Eventually.TrueAsync(() => app.Log.Count(7001) == 1, "word of Consul being down", app.Log.Text);
        using (var answer = await http.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        await own.RestartAsync();

        await app.RegisteredAsync();
        await Eventually.TrueAsync(() => app.Log.Count(7002) == 1, "word of Consul being back", app.Log.Text);
        Assert.Equal(1, app.Log.Count(7001));
    }

    [Fact]
    public async Task Agent_RestartedWithoutItsData_LearnsTheInstanceAgain()
    {
        await using var own = await ConsulAgent.StartAsync();
        await using var app = await MeshedApp.StartAsync(own.Address);
        await app.RegisteredAsync();

        await own.RestartAsync();

        await Eventually.TrueAsync(() => app.Log.Count(7000) == 2, "a second registration", app.Log.Text);
        await app.HealthAsync(ConsulHealth.Passing);
    }

    [Fact]
    public async Task Logger_ThrowsInTheMidstOfAHeartbeat_HeartbeatsGoOn()
    {
        const int registered = 7000;
        await using var app = await MeshedApp.StartAsync(
            _consul, build: b => b.Logging.AddProvider(new ThrowingOnce(registered)));

        await Eventually.TrueAsync(() => app.Log.Count(4901) == 1, "word of the error", app.Log.Text);

        var standing = app.App.Services.GetRequiredService<RegistrationState>();
        await Eventually.TrueAsync(() => standing.Sight.HeardAt is not null, "a heartbeat", app.Log.Text);
        await app.HealthAsync(ConsulHealth.Passing);
    }

    [Fact]
    public async Task ConsulHangs_AtStop_LeavingIsBounded()
    {
        await using var own = await ConsulAgent.StartAsync();
        await using var app = await MeshedApp.StartAsync(
            own.Address, o => o.DeregisterTimeout = TimeSpan.FromMilliseconds(300));
        await app.RegisteredAsync();
        own.Pause();

        var watch = Stopwatch.StartNew();
        await app.App.StopAsync();

        own.Resume();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
        Assert.Equal(1, app.Log.Count(7006));
    }

    private sealed class ThrowingOnce(int eventId) : ILoggerProvider, ILogger
    {
        private int _thrown;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId id, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (id.Id == eventId && Interlocked.Increment(ref _thrown) == 1)
            {
                throw new InvalidOperationException("This logger throws.");
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class Slow(TaskCompletionSource entered, TaskCompletionSource gate) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => app.Run(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                entered.SetResult();
                await gate.Task;
                await context.Response.WriteAsync("slow");
            }
        });
    }
}
