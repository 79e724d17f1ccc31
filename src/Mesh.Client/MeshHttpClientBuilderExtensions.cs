using Mesh.Client.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says of one client, or of all in <c>ConfigureHttpClientDefaults</c>, whether it uses the mesh.</summary>
public static class MeshHttpClientBuilderExtensions
{
    /// <summary>
    /// Meshes this client whatever its primary handler is. Requests to mesh names then use the mesh's own connections:
    /// of the primary handler only decompression, redirects and the limit on response headers are honoured.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <returns>The same builder.</returns>
    public static IHttpClientBuilder AddMesh(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMesh();
        return builder.Set(MeshClientMode.Forced);
    }

    /// <summary>
    /// Leaves this client as it would be without the mesh. Needed for gRPC clients that use their own resolver or load
    /// balancer, such as those with a <c>dns:</c> address.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <returns>The same builder.</returns>
    public static IHttpClientBuilder RemoveMesh(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Set(MeshClientMode.Removed);
    }

    private static IHttpClientBuilder Set(this IHttpClientBuilder builder, MeshClientMode mode)
    {
        // The builder of the defaults has no name: what it says goes for all, beneath what a client says of itself.
        if (builder.Name is null)
        {
            builder.Services.ConfigureAll<MeshClientOptions>(options => options.Default = mode);
        }
        else
        {
            builder.Services.Configure<MeshClientOptions>(builder.Name, options => options.Own = mode);
        }

        return builder;
    }
}
