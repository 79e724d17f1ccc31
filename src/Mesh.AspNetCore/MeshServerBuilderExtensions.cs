using Mesh.AspNetCore;
using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Limits;
using Mesh.AspNetCore.Registering;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the inbound half of the mesh.</summary>
public static class MeshServerBuilderExtensions
{
    /// <summary>
    /// Registers this process in Consul once it listens, keeps it registered, and takes it out before it stops.
    /// Settings come from section <c>Mesh:Server</c>. Calling it twice is harmless.
    /// </summary>
    /// <param name="builder">What <c>AddMesh()</c> returned.</param>
    /// <returns>The same builder.</returns>
    public static IMeshBuilder AddServer(this IMeshBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(s => s.ServiceType == typeof(DrainState)))
        {
            return builder;
        }

        services.AddSingleton<DrainState>();
        services.AddSingleton<CallerMembership>();
        services.AddSingleton<InboundInstruments>();
        services.AddSingleton<InboundLimits>();
        services.AddSingleton<LimitExemptions>();
        services.AddOptions<MeshServerOptions>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<MeshServerOptions>, MeshServerOptionsBinding>();
        services.AddSingleton(static _ => MeshSettingsSchema.Of(typeof(MeshServerBuilderExtensions).Assembly));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<MeshServerOptions>, MeshServerOptionsValidator>());

        // First of all filters: what the mesh reads and writes must not depend on the application's middleware.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, InboundFilter>());
        AddDoor(services);
        AddAuthorization(services);
        services.AddSingleton<ReadyChecks>();
        services.AddSingleton<RegistrationState>();
        services.AddSingleton<RegistrationFactory>();
        services.AddSingleton<SelfRegistration>();
        services.AddSingleton<ExternalRegistration>();
        services.AddSingleton<IHostedService, ServerLifecycle>();
        return builder;
    }

    /// <inheritdoc cref="AddServer(IMeshBuilder)"/>
    /// <param name="builder">What <c>AddMesh()</c> returned.</param>
    /// <param name="configure">Changes what section <c>Mesh:Server</c> says.</param>
    public static IMeshBuilder AddServer(this IMeshBuilder builder, Action<MeshServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        builder.AddServer();
        builder.Services.Configure(configure);
        return builder;
    }

    private static void AddDoor(IServiceCollection services)
    {
        services.AddSingleton<DoorConnections>();
        services.AddSingleton<DoorInstruments>();
        services.AddSingleton<DoorLedger>();
        services.AddSingleton<DoorSight>();
        services.AddSingleton<IDoorSight>(static provider => provider.GetRequiredService<DoorSight>());
        services.AddSingleton<DoorKeeper>();
        services.AddSingleton<SlowBodies>();
        services.AddSingleton<IHostedService, DoorWatch>();
        services.TryAddSingleton<IKestrelMembers, KestrelInternals>();
        services.AddSingleton<IPostConfigureOptions<KestrelServerOptions>, KestrelDoor>();
    }

    private static void AddAuthorization(IServiceCollection services)
    {
        services.AddSingleton<AuthorizationTally>();
        services.AddSingleton(provider => new AuthorizationGate(
            provider.GetRequiredService<OwnPolicy>(),
            provider.GetRequiredService<IMeshIdentity>(),
            Intentions(provider),
            provider.GetRequiredService<IOptions<MeshServerOptions>>().Value.Peers
                .ToDictionary(peer => peer.Value, peer => peer.Key, StringComparer.Ordinal),
            provider.GetRequiredService<ILogger<AuthorizationGate>>()));
    }

    /// <summary>What speaks to Consul is not even made where Consul is not used.</summary>
    private static IntentionWatch? Intentions(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<MeshOptions>();
        return !options.Discovery.UseConsul ? null : new IntentionWatch(
            provider.GetRequiredService<MeshConsul>().Client,
            provider.GetRequiredService<MeshSelf>().Service,
            options.Consul.Datacenter,
            provider.GetRequiredService<IMeshIdentity>(),
            provider.GetRequiredService<SnapshotStore>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredKeyedService<Random>(MeshComposition.RandomKey),
            provider.GetRequiredService<ILogger<IntentionWatch>>());
    }
}
