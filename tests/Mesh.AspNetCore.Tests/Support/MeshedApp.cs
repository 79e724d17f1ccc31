using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>A web application with the inbound half of the mesh and nothing of the outbound one.</summary>
internal sealed class MeshedApp : IAsyncDisposable
{
    private MeshedApp(WebApplication app, LogSink log, MeshSelf self, ConsulClient consul)
    {
        App = app;
        Log = log;
        Self = self;
        Consul = consul;
    }

    public WebApplication App { get; }

    public LogSink Log { get; }

    public MeshSelf Self { get; }

    public ConsulClient Consul { get; }

    public Uri Url => new(App.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));

    /// <summary>An application on a free loopback port; heartbeats are as quick as options allow.</summary>
    public static MeshedApp Create(
        Uri consul,
        Action<MeshServerOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        string? service = null,
        string environment = "Production",
        string? token = null,
        IMeshIdentity? identity = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var log = new LogSink();
        builder.Logging.AddProvider(log);
        var name = service ?? $"svc-{Guid.NewGuid():N}"[..12];
        var self = new MeshSelf("mesh", name, $"{name}-1", "1.2.3", "zone-a");
        var client = new ConsulClient(new ConsulClientOptions { Address = consul.ToString(), Token = token });
        builder.Services.AddSingleton(self);
        builder.Services.AddSingleton(new MeshConsul(client));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddKeyedSingleton<Random>("mesh", Random.Shared);
        builder.Services.AddSingleton<MeshInstruments>();
        builder.Services.AddSingleton<IMeshIdentity>(identity ?? new NoIdentity());
        builder.Services.AddSingleton<PeerVerifier>();
        builder.Services.AddSingleton(new IdentityPaths());
        builder.Services.AddSingleton(new OwnPolicy(name));
        var options = new MeshOptions { Service = name };
        options.Snapshot.Enabled = false;
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(options.Snapshot);
        builder.Services.AddSingleton(new SnapshotFile(null, self));
        builder.Services.AddSingleton<SnapshotStore>();
        new Builder(builder.Services).AddServer(o =>
        {
            o.Heartbeat = TimeSpan.FromSeconds(1);
            o.Ttl = TimeSpan.FromSeconds(3);
            o.DrainDelay = TimeSpan.Zero;
            configure?.Invoke(o);
        });
        build?.Invoke(builder);
        return new MeshedApp(builder.Build(), log, self, client);
    }

    public static async Task<MeshedApp> StartAsync(
        Uri consul,
        Action<MeshServerOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        string? service = null,
        string environment = "Production",
        string? token = null,
        IMeshIdentity? identity = null)
    {
        var app = Create(consul, configure, build, service, environment, token, identity);
        await app.App.StartAsync();
        return app;
    }

    public int Port() => Url.Port;

    public async Task<ServiceHealth?> FindAsync() =>
        (await Consul.GetServiceHealthAsync(Self.Service, ConsulQuery.None, CancellationToken.None)).Value.SingleOrDefault();

    public Task<ServiceHealth> RegisteredAsync() =>
        Eventually.GetAsync(FindAsync, $"{Self.Service} in Consul", Log.Text);

    public Task HealthAsync(ConsulHealth health) => Eventually.TrueAsync(
        async () => await FindAsync() is { } found &&
                    found.Checks.SingleOrDefault(c => c.ServiceId == Self.Instance)?.Status == health,
        $"{Self.Service} {health}", Log.Text);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Consul.Dispose();
    }

    private sealed record Builder(IServiceCollection Services) : IMeshBuilder;
}
