using System.Net;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Mesh.ConfigServer.Access;
using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Doors;
using Mesh.ConfigServer.Editing;
using Mesh.ConfigServer.History;
using Mesh.ConfigServer.Http;
using Mesh.ConfigServer.Streaming;
using Mesh.Consul;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Hosting;

/// <summary>How the desk is put together.</summary>
internal static class DeskApp
{
    /// <summary>The name under which desks stand in Consul's catalog.</summary>
    public const string ServiceName = "mesh-desk";

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        configure?.Invoke(builder);
        var urls = builder.Configuration[$"{DeskOptions.Section}:Urls"] ??
                   builder.Configuration["urls"] ??
                   DeskOptions.DefaultUrls;
        builder.WebHost.UseUrls(urls);
        AddOptions(builder.Services, urls);
        MeshComposition.AddInboundTo(builder.Services);
        AddDesk(builder.Services);
        AddDoor(builder.Services);
        var app = builder.Build();
        LetInOwnMachine(app.Services.GetRequiredService<DoorKeeper>());
        TokenGate.Use(app);
        Routes.Map(app);
        return app;
    }

    private static void AddOptions(IServiceCollection services, string urls)
    {
        services.AddOptions<DeskOptions>().PostConfigure(o => o.Urls ??= urls).ValidateOnStart();
        services.AddSingleton<IConfigureOptions<DeskOptions>, DeskOptionsBinding>();
        services.AddSingleton<IValidateOptions<DeskOptions>, DeskOptionsValidator>();
        services.AddOptions<MeshOptions>().PostConfigure<IOptions<DeskOptions>>(
            static (mesh, desk) => Conform(mesh, desk.Value));
    }

    /// <summary>What the desk's own section says counts for its door too.</summary>
    private static void Conform(MeshOptions mesh, DeskOptions desk)
    {
        (mesh.Name, mesh.Service) = (desk.Mesh, ServiceName);
        mesh.Consul.Datacenter = desk.Consul.Datacenter;
        mesh.Snapshot.Folder ??= desk.DataFolder;

        // A desk that is in no catalog is no service of Consul's: neither registered, nor given a certificate, nor named by
        // intentions. Its door is there all the same, with an identity from elsewhere.
        mesh.Discovery.UseConsul &= desk.Register;
    }

    private static void AddDesk(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton("mesh", Random.Shared);
        services.AddSingleton(p => new MeshConsul(new ConsulClient(
            p.GetRequiredService<IOptions<DeskOptions>>().Value.Consul, p.GetRequiredService<TimeProvider>())));
        services.AddSingleton(p => Self(
            p.GetRequiredService<IOptions<DeskOptions>>().Value, p.GetRequiredKeyedService<Random>("mesh")));
        services.AddSingleton<SubsetCatalog>();
        services.AddSingleton<Judge>();
        services.AddSingleton<DocumentFile>();
        services.AddSingleton<DocumentStore>();
        services.AddSingleton<PolicyStream>();
        services.AddSingleton<ClientRegistry>();
        services.AddSingleton<DoorBoard>();
        services.AddSingleton<DoorOutlooks>();
        services.AddSingleton<Breakage>();
        services.AddMetrics();
        services.AddSingleton<DeskInstruments>();
        services.AddSingleton<DocumentWriter>();
        services.AddSingleton<HistoryStore>();
        services.AddSingleton<HistoryRecorder>();
        services.AddSingleton<WriteGate>();
        services.AddSingleton<PolicyHandlers>();
        services.AddSingleton<DocumentHandlers>();
        services.AddSingleton<HistoryHandlers>();
        services.AddSingleton<ClientHandlers>();
        services.AddSingleton<DoorHandlers>();
        services.AddHostedService<AddressGuard>();
        services.AddHostedService<KvWatch>();
        services.AddHostedService<OwnDoor>();
        services.AddHostedService<SwitchExpiry>();
        services.AddHostedService(p => p.GetRequiredService<HistoryRecorder>());
        services.AddHealthChecks().AddCheck<ReadyCheck>("documents", tags: ["ready"]);
    }

    // Only the inbound half: the desk calls nobody but Consul, and that never through the mesh.
    private static void AddDoor(IServiceCollection services)
    {
        new DeskMeshBuilder(services).AddServer();
        services.AddHostedService<OwnReport>();
    }

    /// <summary>
    /// A strict document that was a mistake has to be taken back by somebody: who is on the desk's machine, and has the token.
    /// </summary>
    private static void LetInOwnMachine(DoorKeeper door) =>
        door.LetsIn = static from => from is not null && IPAddress.IsLoopback(from);

    private static MeshSelf Self(DeskOptions options, Random random)
    {
        var version = typeof(DeskApp).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
        var suffix = random.NextInt64(1L << 32).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
        var instance = $"{ServiceName}-{Environment.MachineName.ToLowerInvariant()}-{suffix}";
        return new MeshSelf(options.Mesh, ServiceName, instance, version, null);
    }
}
