using Mesh.Client.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Resources;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>Who this process is, in the words of the conventions.</summary>
internal static class MeshResource
{
    private const string Zone = "cloud.availability_zone";

    /// <summary>Adds what the mesh knows, and then once more what the variables say: they win.</summary>
    public static void Add(IServiceProvider services, ResourceBuilder resource)
    {
        MeshSelf self;
        try
        {
            self = services.GetRequiredService<MeshSelf>();
        }
        catch (OptionsValidationException)
        {
            // A logger may be asked for before the host validates its options, which tells it in full and stops the
            // start.
            return;
        }

        var attributes = new Dictionary<string, object>
        {
            ["service.name"] = self.Service,
            ["service.version"] = self.Version,
            ["service.instance.id"] = self.Instance,
        };
        if (self.Zone is { } zone)
        {
            attributes[Zone] = zone;
        }

        resource.AddAttributes(attributes).AddEnvironmentVariableDetector();
    }
}
