using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>A health answer of Consul becomes endpoints. Pure.</summary>
internal static class EndpointMapper
{
    /// <summary>Maps every instance, whatever its health.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="datacenter">The datacenter asked, for servers that do not say theirs.</param>
    /// <param name="portless">Instances left out because they have no port that could be dialled.</param>
    /// <param name="connect">They speak Consul Connect; those that are members of the mesh registered how.</param>
    public static List<EndpointInfo> Map(
        ServiceHealth[] answer, string? datacenter, out int portless, bool connect = false)
    {
        portless = 0;
        var endpoints = new List<EndpointInfo>(answer.Length);
        var newest = new Dictionary<(string Host, int Port), (int Slot, ulong Index)>(answer.Length);
        foreach (var instance in answer)
        {
            if (instance.Service.Port is <= 0 or > 65535)
            {
                portless++;
                continue;
            }

            var endpoint = Map(instance, datacenter);
            endpoint = connect && endpoint.Tls == EndpointTls.None ? endpoint with { IsSidecar = true } : endpoint;
            var address = (endpoint.Host, endpoint.Port);
            if (!newest.TryGetValue(address, out var other))
            {
                newest.Add(address, (endpoints.Count, instance.Service.ModifyIndex));
                endpoints.Add(endpoint);
            }
            else if (instance.Service.ModifyIndex > other.Index)
            {
                // A process that restarted under a new ID before its old registration expired: one socket, one
                // endpoint.
                newest[address] = (other.Slot, instance.Service.ModifyIndex);
                endpoints[other.Slot] = endpoint;
            }
        }

        return endpoints;
    }

    private static EndpointInfo Map(ServiceHealth instance, string? datacenter)
    {
        var (service, node) = (instance.Service, instance.Node);
        var health = Health(instance.Checks);
        var weight = health == EndpointHealth.Warning ? service.Weights.Warning : service.Weights.Passing;
        var dc = node.Datacenter ?? datacenter;
        return new EndpointInfo
        {
            Id = $"{dc}/{node.Node}/{service.Id}",
            Host = service.Address.Length > 0 ? service.Address : node.Address,
            Port = service.Port,
            Weight = Math.Max(1, weight),

            // A warning weight of 0 is Consul's way to say "no traffic while a check warns".
            Health = health == EndpointHealth.Warning && weight <= 0 ? EndpointHealth.Critical : health,
            Node = node.Node,
            Datacenter = dc,
            Zone = Value(service.Meta, MeshMetadata.Zone) ?? Value(node.Meta, MeshMetadata.Zone),
            Tags = service.Tags,
            Metadata = service.Meta,
        };
    }

    private static EndpointHealth Health(IReadOnlyList<ConsulCheck> checks)
    {
        var worst = EndpointHealth.Passing;
        foreach (var check in checks)
        {
            if (check.CheckId == ConsulCheck.NodeMaintenance ||
                check.CheckId.StartsWith(ConsulCheck.ServiceMaintenancePrefix, StringComparison.Ordinal))
            {
                return EndpointHealth.Maintenance;
            }

            worst = check.Status switch
            {
                ConsulHealth.Critical => EndpointHealth.Critical,
                ConsulHealth.Warning when worst == EndpointHealth.Passing => EndpointHealth.Warning,
                _ => worst,
            };
        }

        return worst;
    }

    private static string? Value(IReadOnlyDictionary<string, string> meta, string key) =>
        meta.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
}
