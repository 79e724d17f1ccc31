using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// What changed between two lists of all health checks: the services whose own checks differ, and whether a check of a
/// node does, which concerns every service. Pure; checks are compared by ID and state, because output changes all the
/// time.
/// </summary>
internal sealed class CheckFingerprints
{
    private Dictionary<string, long> _services = [];
    private long _nodes;
    private bool _seen;

    /// <summary>Takes the next list.</summary>
    /// <param name="checks">All checks of the datacenter.</param>
    /// <param name="everything">True when any service may have changed: the first list, or a node's check.</param>
    /// <returns>The services whose checks changed.</returns>
    public IReadOnlyCollection<string> Update(IReadOnlyList<ConsulCheck> checks, out bool everything)
    {
        var services = new Dictionary<string, long>(_services.Count, StringComparer.Ordinal);
        long nodes = 0;
        foreach (var check in checks)
        {
            // Sums do not depend on the order in which Consul lists the checks.
            var hash = (long)HashCode.Combine(check.Node, check.ServiceId, check.CheckId, check.Status) * 0x9E3779B1L;
            if (check.ServiceName.Length == 0)
            {
                nodes += hash;
            }
            else
            {
                services[check.ServiceName] = services.GetValueOrDefault(check.ServiceName) + hash;
            }
        }

        everything = !_seen || nodes != _nodes;
        var changed = services
            .Where(s => !_services.TryGetValue(s.Key, out var old) || old != s.Value)
            .Select(s => s.Key)
            .Concat(_services.Keys.Where(name => !services.ContainsKey(name)))
            .ToArray();
        (_services, _nodes, _seen) = (services, nodes, true);
        return changed;
    }
}
