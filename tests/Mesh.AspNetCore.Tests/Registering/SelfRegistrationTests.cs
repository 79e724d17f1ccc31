using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Consul;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.AspNetCore.Tests.Registering;

[Collection(ConsulCollection.Name)]
public sealed class SelfRegistrationTests(ConsulCollection.Agent agent)
{
    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Start_Registers_WithEverythingTheOptionsSay()
    {
        await using var app = await MeshedApp.StartAsync(_consul, o =>
        {
            o.Tags.Add("blue");
            o.Metadata["team"] = "orders";
            o.Weights.Passing = 7;
            o.Weights.Warning = 3;
        });

        var found = await app.RegisteredAsync();

        Assert.Equal(app.Self.Instance, found.Service.Id);
        Assert.Equal("127.0.0.1", found.Service.Address);
        Assert.Equal(app.Port(), found.Service.Port);
        Assert.Equal(["blue"], found.Service.Tags);
        Assert.Equal(new ConsulWeights(7, 3), found.Service.Weights);
        Assert.Equal(
            new Dictionary<string, string>
            {
                [MeshMetadata.Schema] = "1",
                [MeshMetadata.Protocols] = "http1",
                [MeshMetadata.Version] = "1.2.3",
                [MeshMetadata.Zone] = "zone-a",
                ["team"] = "orders",
            },
            found.Service.Meta.ToDictionary());

        // Passing from the first moment on, without waiting for a heartbeat.
        Assert.Equal(ConsulHealth.Passing, Assert.Single(found.Checks, c => c.ServiceId == app.Self.Instance).Status);
    }

    [Fact]
    public async Task Heartbeat_KeepsTheCheckPassing_LongerThanItsTtl()
    {
        await using var app = await MeshedApp.StartAsync(_consul);
        await app.RegisteredAsync();

        var end = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        while (DateTime.UtcNow < end)
        {
            var check = Assert.Single((await app.FindAsync())!.Checks, c => c.ServiceId == app.Self.Instance);
            Assert.Equal(ConsulHealth.Passing, check.Status);
            await Task.Delay(100);
        }
    }

    [Fact]
    public async Task Forgotten_IsRegisteredAgain()
    {
        await using var app = await MeshedApp.StartAsync(_consul);
        await app.RegisteredAsync();

        await app.Consul.DeregisterServiceAsync(app.Self.Instance, CancellationToken.None);

        await Eventually.TrueAsync(() => app.Log.Count(7003) == 1, "word of being forgotten", app.Log.Text);
        await app.HealthAsync(ConsulHealth.Passing);
    }

    [Fact]
    public async Task Address_OfTheOptions_WinsOverTheBinding()
    {
        await using var app = await MeshedApp.StartAsync(_consul, o => o.Address = "203.0.113.9:8080");

        var found = await app.RegisteredAsync();

        Assert.Equal(("203.0.113.9", 8080), (found.Service.Address, found.Service.Port));
    }

    [Fact]
    public async Task WildcardBinding_RegistersAnAddressThatAnswers()
    {
        await using var app = await MeshedApp.StartAsync(
            _consul, build: b => b.WebHost.UseUrls("http://0.0.0.0:0"));

        var found = await app.RegisteredAsync();

        Assert.NotEqual("0.0.0.0", found.Service.Address);
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"http://{found.Service.Address}:{found.Service.Port}/");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http1")]
    [InlineData(HttpProtocols.Http2, "http2")]
    [InlineData(HttpProtocols.Http1AndHttp2, "http1")]
    public async Task PlaintextListener_RegistersTheProtocolsItReallyOffers(HttpProtocols set, string registered)
    {
        await using var app = await MeshedApp.StartAsync(_consul, build: b => b.WebHost.ConfigureKestrel(
            k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = set)));

        var found = await app.RegisteredAsync();

        Assert.Equal(registered, found.Service.Meta[MeshMetadata.Protocols]);
    }

    [Fact]
    public async Task SeveralListeners_FirstPlaintextOneIsRegistered_AndAWarningNamesTheOthers()
    {
        await using var app = await MeshedApp.StartAsync(_consul, build: b => b.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(OwnCertificate.Create()));
            k.Listen(IPAddress.Loopback, 0);
        }));

        var found = await app.RegisteredAsync();

        Assert.Equal(new Uri(app.App.Urls.Single(u => u.StartsWith("http:", StringComparison.Ordinal))).Port, found.Service.Port);
        Assert.Equal(1, app.Log.Count(7008));
    }

    [Fact]
    public async Task HttpsListener_RegistersBothProtocols()
    {
        await using var app = await MeshedApp.StartAsync(_consul, build: b =>
        {
            b.WebHost.UseKestrelHttpsConfiguration();
            b.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(OwnCertificate.Create())));
        });

        var found = await app.RegisteredAsync();

        Assert.Equal("http1,http2", found.Service.Meta[MeshMetadata.Protocols]);
    }

    [Fact]
    public async Task TestServer_RegistersNothing()
    {
        await using var app = await MeshedApp.StartAsync(_consul, build: b => b.WebHost.UseTestServer());

        Assert.Equal(1, app.Log.Count(7007));
        Assert.Null(await app.FindAsync());
        await app.App.StopAsync();
        Assert.Equal(0, app.Log.Count(7005) + app.Log.Count(7006));
    }

    [Fact]
    public async Task HttpCheck_IsAskedByTheAgent_AndComesBackWhenForgotten()
    {
        var status = StatusCodes.Status200OK;
        await using var app = await MeshedApp.StartAsync(_consul, o =>
        {
            o.Check = MeshCheckKind.Http;
            o.CheckPath = "/alive";
            o.CheckInterval = TimeSpan.FromSeconds(1);
        }, b => b.Services.AddSingleton<IStartupFilter>(new Answer("/alive", () => Volatile.Read(ref status))));
        var found = await app.RegisteredAsync();

        // Consul's own default for a new HTTP check is critical.
        Assert.Equal(ConsulHealth.Passing, Assert.Single(found.Checks, c => c.ServiceId == app.Self.Instance).Status);
        Volatile.Write(ref status, StatusCodes.Status500InternalServerError);
        await app.HealthAsync(ConsulHealth.Critical);
        Volatile.Write(ref status, StatusCodes.Status200OK);
        await app.HealthAsync(ConsulHealth.Passing);

        await app.Consul.DeregisterServiceAsync(app.Self.Instance, CancellationToken.None);

        await Eventually.TrueAsync(() => app.Log.Count(7003) == 1, "word of being forgotten", app.Log.Text);
        await app.HealthAsync(ConsulHealth.Passing);
    }

    [Fact]
    public async Task ReadyChecks_DecideTheHealth()
    {
        var health = HealthStatus.Healthy;
        await using var app = await MeshedApp.StartAsync(_consul, build: b => b.Services.AddHealthChecks()
            .AddCheck("database", () => new HealthCheckResult(health, "the disk is full"), ["ready"])
            .AddCheck("live", () => HealthCheckResult.Unhealthy("not asked"), ["live"])
            .AddCheck("mesh", () => HealthCheckResult.Unhealthy("not asked"), ["ready", "mesh"]));
        await app.RegisteredAsync();
        await app.HealthAsync(ConsulHealth.Passing);

        health = HealthStatus.Unhealthy;
        await app.HealthAsync(ConsulHealth.Critical);
        var check = Assert.Single((await app.FindAsync())!.Checks, c => c.ServiceId == app.Self.Instance);
        Assert.Contains("database is Unhealthy: the disk is full", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not asked", check.Output, StringComparison.Ordinal);

        health = HealthStatus.Degraded;
        await app.HealthAsync(ConsulHealth.Warning);
        health = HealthStatus.Healthy;
        await app.HealthAsync(ConsulHealth.Passing);
    }

    [Fact]
    public async Task ReadyCheck_ThatHangs_IsCritical_AndRunsOnlyOnce()
    {
        var hang = false;
        var runs = 0;
        var never = new TaskCompletionSource<HealthCheckResult>();
        await using var app = await MeshedApp.StartAsync(
            _consul, o => o.CheckTimeout = TimeSpan.FromMilliseconds(200),
            b => b.Services.AddHealthChecks().AddAsyncCheck("stuck", () =>
            {
                if (!Volatile.Read(ref hang))
                {
                    return Task.FromResult(HealthCheckResult.Healthy());
                }

                Interlocked.Increment(ref runs);
                return never.Task;
            }, ["ready"]));
        await app.RegisteredAsync();

        Volatile.Write(ref hang, true);
        await app.HealthAsync(ConsulHealth.Critical);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Equal(1, Volatile.Read(ref runs));

        Volatile.Write(ref hang, false);
        never.SetResult(HealthCheckResult.Healthy());
        await app.HealthAsync(ConsulHealth.Passing);
    }

    [Fact]
    public async Task NotReadyAtStart_IsNotRegisteredUntilItIs()
    {
        var ready = false;
        await using var app = await MeshedApp.StartAsync(_consul, build: b => b.Services.AddHealthChecks().AddCheck(
            "warm", () => Volatile.Read(ref ready) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("cold"),
            ["ready"]));
        await Eventually.TrueAsync(() => app.Log.Count(7004) == 1, "word of not being ready", app.Log.Text);
        Assert.Null(await app.FindAsync());

        Volatile.Write(ref ready, true);

        await app.RegisteredAsync();
        Assert.Equal(1, app.Log.Count(7004));
    }

    private sealed class Answer(string path, Func<int> status) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Map(path, mapped => mapped.Run(c =>
            {
                c.Response.StatusCode = status();
                return c.Response.WriteAsync("asked");
            }));
            next(app);
        };
    }
}
