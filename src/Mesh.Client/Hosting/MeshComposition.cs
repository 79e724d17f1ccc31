using System.Diagnostics.Metrics;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Mesh.Consul;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Hosting;

/// <summary>How the parts of the mesh are made, in the order in which they depend on each other.</summary>
internal static class MeshComposition
{
    /// <summary>The key under which an application (or a test) may register the randomness that the mesh uses.</summary>
    public const string RandomKey = "mesh";

    /// <summary>Adds everything, once.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(MeshHandlerFilter)))
        {
            return;
        }

        services.AddHttpClient();
        services.AddLogging();
        AddOptions(services);
        AddShared(services);
        AddFeeds(services);
        AddRuntime(services);
        AddClients(services);
        services.AddSingleton<IHostedService, MeshStartup>();
        services.AddSingleton<MeshHealthCheck>();
    }

    /// <summary>
    /// Adds what the inbound half needs and nothing that calls: for the config server, which must not live by the policy
    /// that it hands out. Who calls this adds <see cref="MeshConsul"/> too, and puts <see cref="OwnPolicy"/> into force.
    /// </summary>
    public static void AddInboundTo(IServiceCollection services)
    {
        services.AddLogging();
        services.AddMetrics();
        AddOptions(services);
        AddShared(services);
    }

    /// <summary>Reads the options from this section too; what is added later goes before what was added earlier.</summary>
    public static void AddSection(IServiceCollection services, IConfiguration section) =>
        services.AddSingleton<IConfigureOptions<MeshOptions>>(new MeshOptionsBinding(section));

    private static void AddOptions(IServiceCollection services)
    {
        services.AddOptions<MeshOptions>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<MeshOptions>>(
            provider => new MeshOptionsBinding(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<MeshOptions>>(
            provider => new MeshOptionsValidator(IsDevelopment(provider)));
        services.AddSingleton(static _ => MeshSettingsSchema.Of(typeof(MeshComposition).Assembly));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MeshOptions>>().Value);
    }

    private static void AddShared(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton(RandomKey, Random.Shared);
        services.AddSingleton(provider => MeshSelf.Of(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetService<IHostEnvironment>()?.ApplicationName,
            SharedRandom(provider)));
        services.AddSingleton<MeshInstruments>();
        services.TryAddSingleton(provider => MeshIdentities.Start(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetRequiredService<MeshSelf>(),
            () => provider.GetRequiredService<MeshConsul>().Client,
            provider.GetRequiredService<IdentityPaths>(),
            provider.GetRequiredService<MeshInstruments>(),
            provider.GetRequiredService<TimeProvider>(),
            SharedRandom(provider),
            provider.GetRequiredService<ILogger<IMeshIdentity>>()));
        services.AddSingleton<PeerVerifier>();
        services.AddSingleton(provider => new IdentityPaths(provider.GetRequiredService<MeshOptions>().Identity.Path));
        services.AddSingleton(provider => new OwnPolicy(provider.GetRequiredService<MeshSelf>().Service));
        services.AddSingleton(provider =>
        {
            var (options, self) = (provider.GetRequiredService<MeshOptions>(), provider.GetRequiredService<MeshSelf>());
            return new SnapshotStore(
                options.Snapshot,
                self,
                new SnapshotFile(SnapshotFile.PathFor(options.Snapshot.Folder, self, AppContext.BaseDirectory), self),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SnapshotStore>>());
        });
    }

    private static void AddFeeds(IServiceCollection services)
    {
        services.AddSingleton(provider => new MeshConsul(new ConsulClient(
            provider.GetRequiredService<MeshOptions>().Consul, provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton<IUpstreamFeed, StaticDiscoveryFeed>();
        services.AddSingleton(provider => new ConsulDiscoveryFeed(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetRequiredService<MeshConsul>(),
            provider.GetRequiredService<SnapshotStore>(),
            provider.GetRequiredService<MeshInstruments>(),
            provider.GetRequiredService<TimeProvider>(),
            SharedRandom(provider),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new PolicyFeed(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetRequiredService<MeshSelf>(),
            UsesConsul(provider) ? provider.GetRequiredService<MeshConsul>() : null,
            provider.GetRequiredService<SnapshotStore>(),
            provider.GetRequiredService<MeshInstruments>(),
            provider.GetRequiredService<TimeProvider>(),
            SharedRandom(provider),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<IHostEnvironment>()?.IsDevelopment() == true,
            provider.GetRequiredService<OwnPolicy>())
        {
            Trust = new DeskTrust(
                provider.GetRequiredService<IMeshIdentity>(),
                provider.GetRequiredService<PeerVerifier>(),
                provider.GetRequiredService<IdentityPaths>()),
            Door = provider.GetService<IDoorSight>(),
            CustomAlgorithms =
            [
                .. provider.GetServices<LoadBalancerRegistration>()
                    .Select(r => LoadBalancerRegistry.CustomPrefix + r.Name).Distinct(StringComparer.Ordinal),
            ],
        });
        services.AddSingleton(Feeds);
    }

    /// <summary>
    /// What speaks to Consul is not even made where Consul is not used: its environment variables may be meant for others.
    /// </summary>
    private static MeshFeeds Feeds(IServiceProvider provider)
    {
        var discovery = UsesConsul(provider) ? provider.GetRequiredService<ConsulDiscoveryFeed>() : null;
        var policy = provider.GetRequiredService<PolicyFeed>();

        // Policy first, so that a service's first endpoints already come under its own rules where these are at hand.
        var all = new List<IUpstreamFeed> { policy };
        all.AddRange(provider.GetServices<IUpstreamFeed>());
        if (discovery is not null)
        {
            all.Add(discovery);
            discovery.TokenChanged += policy.ReadAgain;
        }

        return new MeshFeeds(all, discovery, policy);
    }

    private static bool IsDevelopment(IServiceProvider provider) =>
        provider.GetService<IHostEnvironment>()?.IsDevelopment() == true;

    private static bool UsesConsul(IServiceProvider provider) =>
        provider.GetRequiredService<MeshOptions>().Discovery.UseConsul;

    private static void AddRuntime(IServiceCollection services)
    {
        services.TryAddSingleton<ITransportFactory>(provider => new SocketsTransportFactory(
            provider.GetRequiredService<TimeProvider>(),
            SharedRandom(provider),
            propagator: null,
            provider.GetService<IMeterFactory>())
        {
            TracesPaths = provider.GetRequiredService<MeshOptions>().Telemetry.Paths,
            Identity = provider.GetRequiredService<IMeshIdentity>(),
            Verifier = provider.GetRequiredService<PeerVerifier>(),
        });
        services.AddSingleton(provider => new OutboundSecurity(
            provider.GetRequiredService<IMeshIdentity>(),
            provider.GetRequiredService<OwnPolicy>(),
            provider.GetRequiredService<IdentityPaths>(),
            provider.GetRequiredService<SnapshotStore>()));
        services.AddSingleton(provider => new LoadBalancerRegistry(
            provider.GetServices<LoadBalancerRegistration>(),
            SharedRandom(provider),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new MeshRuntime(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetRequiredService<MeshSelf>(),
            provider.GetRequiredService<TimeProvider>(),
            SharedRandom(provider),
            provider.GetRequiredService<MeshInstruments>(),
            provider.GetRequiredService<ITransportFactory>(),
            provider.GetRequiredService<LoadBalancerRegistry>(),
            provider.GetRequiredService<MeshFeeds>().All,
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<OutboundSecurity>()));
    }

    private static void AddClients(IServiceCollection services)
    {
        services.AddSingleton(provider => new MeshPipeline(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetRequiredService<MeshSelf>(),
            provider.GetRequiredService<TimeProvider>(),
            SharedRandom(provider),
            provider.GetRequiredService<MeshInstruments>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<MeshNames>();
        services.AddSingleton(provider => new BypassWatch(
            provider.GetRequiredService<MeshOptions>(),
            provider.GetRequiredService<MeshNames>(),
            provider.GetRequiredService<MeshRuntime>(),
            UsesConsul(provider) ? provider.GetRequiredService<MeshConsul>() : null,
            provider.GetRequiredService<MeshInstruments>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BypassWatch>>()));
        services.AddSingleton(provider =>
        {
            // Without a host, the first client of the mesh is what starts the look at the others.
            provider.GetRequiredService<BypassWatch>();
            return new MeshHandlers(
                provider.GetRequiredService<MeshRuntime>(),
                provider.GetRequiredService<MeshNames>(),
                provider.GetRequiredService<MeshPipeline>());
        });
        services.AddSingleton<MeshClients>();
        services.AddSingleton<MeshHandlerFilter>();

        // The first filter acts last, so it finds every other handler in place, whether the application added its clients
        // before the mesh or after it.
        services.Insert(0, ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter>(
            provider => provider.GetRequiredService<MeshHandlerFilter>()));
        services.TryAddSingleton<IMeshHandlerFactory, MeshHandlerFactory>();
    }

    private static Random SharedRandom(IServiceProvider provider) => provider.GetRequiredKeyedService<Random>(RandomKey);
}
