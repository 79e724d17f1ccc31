using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Registering;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Inspection;

/// <summary>Where what is shown comes from. Looking changes nothing: no watch starts, no counter moves.</summary>
internal sealed record InspectionSources
{
    public required MeshOptions Options { get; init; }

    public required MeshSelf Self { get; init; }

    public required MeshRuntime Runtime { get; init; }

    public required MeshNames Names { get; init; }

    public required MeshPipeline Pipeline { get; init; }

    public required MeshHandlers Handlers { get; init; }

    public required MeshClients Clients { get; init; }

    public required MeshFeeds Feeds { get; init; }

    public required TimeProvider Time { get; init; }

    public required IMeshIdentity Identity { get; init; }

    public required OwnPolicy Own { get; init; }

    /// <summary><see langword="null"/> without <c>AddServer()</c>.</summary>
    public DoorSight? Door { get; init; }

    /// <inheritdoc cref="Door"/>
    public DoorLedger? Ledger { get; init; }

    /// <inheritdoc cref="Door"/>
    public AuthorizationGate? Gate { get; init; }

    /// <summary>Ports that the door leaves alone.</summary>
    public IReadOnlyList<int> PlainPorts { get; init; } = [];

    /// <summary><see langword="null"/> where Consul is not used.</summary>
    public MeshConsul? Consul { get; init; }

    /// <summary><see langword="null"/> without <c>AddServer()</c>.</summary>
    public DrainState? Drain { get; init; }

    /// <summary><see langword="null"/> without <c>AddServer()</c>.</summary>
    public RegistrationState? Registration { get; init; }

    public static InspectionSources Of(IServiceProvider services)
    {
        var options = services.GetRequiredService<MeshOptions>();
        return new InspectionSources
        {
            Options = options,
            Self = services.GetRequiredService<MeshSelf>(),
            Runtime = services.GetRequiredService<MeshRuntime>(),
            Names = services.GetRequiredService<MeshNames>(),
            Pipeline = services.GetRequiredService<MeshPipeline>(),
            Handlers = services.GetRequiredService<MeshHandlers>(),
            Clients = services.GetRequiredService<MeshClients>(),
            Feeds = services.GetRequiredService<MeshFeeds>(),
            Time = services.GetRequiredService<TimeProvider>(),
            Consul = options.Discovery.UseConsul ? services.GetRequiredService<MeshConsul>() : null,
            Identity = services.GetRequiredService<IMeshIdentity>(),
            Own = services.GetRequiredService<OwnPolicy>(),
            Door = services.GetService<DoorSight>(),
            Ledger = services.GetService<DoorLedger>(),
            Gate = services.GetService<AuthorizationGate>(),
            PlainPorts = [.. services.GetService<IOptions<MeshServerOptions>>()?.Value.PlainPorts ?? []],
            Drain = services.GetService<DrainState>(),
            Registration = services.GetService<RegistrationState>(),
        };
    }
}
