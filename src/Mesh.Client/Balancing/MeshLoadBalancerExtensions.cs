using Mesh.Client.Balancing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client;

/// <summary>Brings load balancers of the application's own.</summary>
public static class MeshLoadBalancerExtensions
{
    /// <summary>
    /// Registers an algorithm, which policies then name as <c>"algorithm": "custom:&lt;name&gt;"</c>. The last of several
    /// registrations under one name holds.
    /// </summary>
    /// <param name="builder">What <c>AddMesh()</c> returned.</param>
    /// <param name="name">The name, case-insensitive.</param>
    /// <param name="factory">Makes one instance for each upstream and subset that uses it, on its first call.</param>
    public static IMeshBuilder AddLoadBalancer(
        this IMeshBuilder builder, string name, Func<IServiceProvider, ILoadBalancer> factory)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(factory);
        builder.Services.AddSingleton(provider => new LoadBalancerRegistration(name, () => factory(provider)));
        return builder;
    }
}
