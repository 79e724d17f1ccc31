using System.Collections.Concurrent;

namespace Mesh.Client.Hosting;

/// <summary>The HttpClients of the process that were built so far, and what the mesh made of each.</summary>
internal sealed class MeshClients
{
    /// <summary>An application has a handful; one that makes up names must not grow by them.</summary>
    private const int Most = 256;

    private readonly ConcurrentDictionary<string, MeshClientSight> _clients = new(StringComparer.Ordinal);

    public IEnumerable<MeshClientSight> All => _clients.Values.OrderBy(c => c.Name, StringComparer.Ordinal);

    public MeshClientSight? Find(string name) => _clients.GetValueOrDefault(name);

    public void Built(MeshClientSight client)
    {
        if (_clients.Count < Most || _clients.ContainsKey(client.Name))
        {
            _clients[client.Name] = client;
        }
    }
}
