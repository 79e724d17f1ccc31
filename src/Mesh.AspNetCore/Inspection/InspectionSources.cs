using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Registering;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Microsoft.Extensions.DependencyInjection;

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
            Drain = services.GetService<DrainState>(),
            Registration = services.GetService<RegistrationState>(),
        };
    }
}
