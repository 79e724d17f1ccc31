using Mesh.Client.Transport;
using Mesh.Testing;

namespace Mesh.Client.Tests.Support;

/// <summary>The mesh over real sockets to backends of the test.</summary>
internal static class SocketMesh
{
    public static TestMesh To(params int[] ports) => new TestMesh(
            transports: new SocketsTransportFactory(TimeProvider.System, new SeededRandom(3), propagator: null, meters: null))
        .WithEndpoints([.. ports.Select((port, i) => TestMesh.Endpoint(((char)('a' + i)).ToString(), port))]);
}
