using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// The process's one Consul client, in a type of its own so that it cannot be confused with one the application
/// registers.
/// </summary>
internal sealed class MeshConsul(ConsulClient client) : IDisposable
{
    public ConsulClient Client { get; } = client;

    public void Dispose() => Client.Dispose();
}
