using Mesh.Client;

namespace Mesh.ConfigServer.Hosting;

/// <summary>Lets the inbound half of the mesh hang off the desk's own composition.</summary>
internal sealed record DeskMeshBuilder(IServiceCollection Services) : IMeshBuilder;
