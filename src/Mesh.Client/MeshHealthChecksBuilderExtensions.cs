using Mesh.Client.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the mesh to the application's health checks.</summary>
public static class MeshHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds the check <c>mesh</c>, tagged <c>ready</c> and <c>mesh</c>. It is degraded, with the reasons, while the mesh runs
    /// on what it last knew: endpoints or policy from the snapshot, Consul silent, a policy refused. It is unhealthy only
    /// at the beginning, until there is an answer about every upstream in <c>Mesh:Upstreams</c> (an empty one will do), and
    /// for 30 seconds at most: a service is never kept out because Consul is down. Its data tells ages, in seconds, and
    /// revisions. Calling it twice is harmless.
    /// </summary>
    /// <param name="builder">What <c>AddHealthChecks()</c> returned.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddMesh(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMesh();
        if (builder.Services.Any(s => s.ServiceType == typeof(MeshHealthCheckMarker)))
        {
            return builder;
        }

        builder.Services.AddSingleton<MeshHealthCheckMarker>();
        return builder.Add(new HealthCheckRegistration(
            MeshHealthCheck.Name, provider => provider.GetRequiredService<MeshHealthCheck>(), failureStatus: null,
            MeshHealthCheck.Tags));
    }
}
