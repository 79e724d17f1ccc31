using Mesh.Client.Pipeline;

namespace Mesh.Client.Transport;

/// <summary>Makes the connections to an endpoint; replaced by stubs in tests and benchmarks.</summary>
internal interface ITransportFactory
{
    EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint);
}
