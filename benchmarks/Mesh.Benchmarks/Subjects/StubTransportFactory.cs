using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;

namespace Mesh.Benchmarks.Subjects;

/// <summary>Gives every endpoint a transport of its own, as the real one does.</summary>
internal sealed class StubTransportFactory(StubAnswers answers) : ITransportFactory
{
    public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint) => new StubTransport(answers);
}
