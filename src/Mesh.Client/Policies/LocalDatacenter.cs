using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>
/// The datacenter that answers, for revisions. Configuration knows it, or the entry of Consul's own servers in the
/// catalog, which needs no right to the agent itself.
/// </summary>
internal sealed class LocalDatacenter(ConsulClient client, string? configured)
{
    private string? _name = configured;

    /// <summary>The name; empty while it cannot be read.</summary>
    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        if (_name is not null)
        {
            return _name;
        }

        var query = new ConsulQuery { Consistency = ConsulConsistency.Stale };
        var servers = await client.GetServiceHealthAsync("consul", query, cancellationToken).ConfigureAwait(false);
        _name = servers.Value.Select(s => s.Node.Datacenter).FirstOrDefault(dc => !string.IsNullOrEmpty(dc));
        return _name ?? "";
    }
}
