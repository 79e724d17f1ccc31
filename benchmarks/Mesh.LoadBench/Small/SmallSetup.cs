namespace Mesh.LoadBench.Small;

/// <summary>What one service process is told.</summary>
/// <param name="UsesMesh">With <c>AddMesh().AddServer()</c>; else the same service with a plain HttpClient.</param>
/// <param name="Consul">The agent's address.</param>
/// <param name="Upstreams">The services it calls.</param>
/// <param name="Ports">Endpoints of each service, the same number for all: the first so many are the first service's.</param>
internal sealed record SmallSetup(bool UsesMesh, string Consul, string[] Upstreams, int[] Ports)
{
    /// <summary>Endpoints of a service.</summary>
    public int Each => Ports.Length / Upstreams.Length;
}
