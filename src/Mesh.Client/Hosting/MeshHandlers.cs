using Mesh.Client.Pipeline;

namespace Mesh.Client.Hosting;

/// <summary>Makes the handlers of clients; the one place that knows what a handler is made of.</summary>
internal sealed class MeshHandlers(MeshRuntime runtime, MeshNames names, MeshPipeline pipeline)
{
    /// <summary>A handler still without what takes the requests that are not for the mesh.</summary>
    public DelegatingHandler Create(ClientSettings settings) => new MeshHandler(runtime, names, pipeline, settings);
}
