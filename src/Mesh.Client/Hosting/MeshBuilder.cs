using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Hosting;

/// <summary>What <c>AddMesh()</c> returns.</summary>
internal sealed class MeshBuilder(IServiceCollection services) : IMeshBuilder
{
    public IServiceCollection Services { get; } = services;
}
