using Mesh.AspNetCore.Inspection;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds endpoints that tell what the mesh of this process does, and why.</summary>
public static class MeshEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Adds two endpoints. <c>/mesh</c> tells in JSON what this process knows: its registration, every upstream with
    /// its endpoints, their state and the reason for it, the policy in force with the origin of each value, switches,
    /// budgets. <c>/mesh/explain?url=http://orders/orders/7&amp;method=POST</c> tells what would become of a request:
    /// its route, the candidates with their cost, which endpoint is out and why, what would be retried; as text, or as
    /// JSON for those who ask for <c>application/json</c>.
    /// </summary>
    /// <remarks>
    /// Callers on this machine may look: those whose connection comes from a loopback address, through no proxy, asking
    /// for a host that is this machine. Call <c>RequireAuthorization()</c> on what is returned to let in those whom the
    /// application authorizes, from wherever they come, and nobody else. Looking changes nothing, and costs nothing
    /// while nobody looks.
    /// </remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path of the first endpoint; the second is below it. Default <c>/mesh</c>.</param>
    /// <returns>For conventions on both endpoints.</returns>
    /// <exception cref="InvalidOperationException"><c>AddMesh()</c> was not called.</exception>
    public static IEndpointConventionBuilder MapMesh(this IEndpointRouteBuilder endpoints, string pattern = "/mesh")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(MeshRuntime)) == false)
        {
            throw new InvalidOperationException("MapMesh() shows the mesh: call builder.Services.AddMesh() before it.");
        }

        var inspection = new InspectionEndpoints(endpoints.ServiceProvider);
        var group = endpoints.MapGroup(pattern);
        group.MapGet("", (RequestDelegate)inspection.ShowAsync).WithDisplayName("Mesh");
        group.MapGet("/explain", (RequestDelegate)inspection.ExplainQueryAsync).WithDisplayName("Mesh: explain");
        group.MapPost("/explain", (RequestDelegate)inspection.ExplainBodyAsync).WithDisplayName("Mesh: explain");
        return group;
    }
}
