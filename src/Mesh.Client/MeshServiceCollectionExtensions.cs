using Mesh.Client;
using Mesh.Client.Hosting;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the mesh to an application.</summary>
public static class MeshServiceCollectionExtensions
{
    /// <summary>
    /// Every client of <c>IHttpClientFactory</c>, and so every gRPC client of its factory, reaches mesh names through the
    /// mesh. Settings come from section <c>Mesh</c> where the application has a configuration. Calling it twice is harmless.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <returns>What further parts of the mesh hang off.</returns>
    public static IMeshBuilder AddMesh(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        MeshComposition.AddTo(services);
        return new MeshBuilder(services);
    }

    /// <inheritdoc cref="AddMesh(IServiceCollection)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes what the configuration says.</param>
    public static IMeshBuilder AddMesh(this IServiceCollection services, Action<MeshOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = services.AddMesh();
        services.Configure(configure);
        return builder;
    }

    /// <inheritdoc cref="AddMesh(IServiceCollection)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="section">
    /// The section that holds the settings, or a whole configuration, of which section <c>Mesh</c> is read. What it says
    /// goes before what the application's own section <c>Mesh</c> says; a list replaces a list.
    /// </param>
    public static IMeshBuilder AddMesh(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = services.AddMesh();
        MeshComposition.AddSection(services, section);
        return builder;
    }
}
