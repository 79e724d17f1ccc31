using Mesh.Client.Pipeline;

namespace Mesh.Client.Discovery;

/// <summary>
/// Endpoints from configuration. Where they are given Consul is not asked; where Consul is not used at all, every other
/// name is unknown.
/// </summary>
internal sealed class StaticDiscoveryFeed(MeshOptions options) : IUpstreamFeed
{
    public void Attach(Upstream upstream)
    {
        if (IsStatic(options, upstream.Name))
        {
            upstream.ApplyEndpoints(new EndpointSnapshot(
                Read(options.Upstreams[upstream.Name].Endpoints), EndpointSource.Static, Known: true));
        }
        else if (!options.Discovery.UseConsul)
        {
            upstream.ApplyEndpoints(new EndpointSnapshot([], EndpointSource.Static, Known: false));
        }
    }

    public void Detach(Upstream upstream)
    {
        // Configuration costs nothing to keep.
    }

    /// <summary>Configuration lists the endpoints of this service, so that no registry is asked for it.</summary>
    public static bool IsStatic(MeshOptions options, string service) =>
        options.Upstreams.TryGetValue(service, out var upstream) && upstream.Endpoints.Count > 0;

    private static List<EndpointInfo> Read(IEnumerable<string> configured)
    {
        var endpoints = new List<EndpointInfo>();
        foreach (var text in configured)
        {
            // Options are validated at start; what is wrong here was refused there.
            if (StaticEndpoint.TryParse(text, out var endpoint, out _) && endpoints.All(e => e.Id != endpoint.Id))
            {
                endpoints.Add(endpoint);
            }
        }

        return endpoints;
    }
}
