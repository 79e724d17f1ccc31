using Mesh.AspNetCore.Door;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Keeps endpoints to callers of the mesh.</summary>
public static class MeshCallerConventionBuilderExtensions
{
    /// <summary>
    /// Lets in requests whose connection proved the identity of a service of the mesh, and answers all others 403
    /// (<c>PERMISSION_DENIED</c> to gRPC) with <c>mesh-reason: caller</c>. Needs neither <c>UseAuthorization()</c> nor an
    /// authentication scheme; what these demand is demanded beside it. Headers have no say in it. Called several times,
    /// every call must let the request in.
    /// </summary>
    /// <typeparam name="TBuilder">What builds the endpoints.</typeparam>
    /// <param name="builder">The endpoints.</param>
    /// <param name="services">
    /// The services that may call, compared without regard to case; none given lets in every verified identity, of other
    /// trust domains too.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">A name is blank.</exception>
    public static TBuilder RequireMeshCaller<TBuilder>(this TBuilder builder, params string[] services)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("The name of a service is blank.", nameof(services));
        }

        var rule = new CallerRule([.. services]);

        // Last of all: whatever else wraps the endpoint is made for callers that may come in.
        builder.Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is { } inner)
            {
                endpoint.Metadata.Add(rule);
                endpoint.RequestDelegate = context => rule.InvokeAsync(context, inner);
            }
        });
        return builder;
    }
}
