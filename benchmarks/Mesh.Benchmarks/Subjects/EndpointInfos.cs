using Mesh.Client.Discovery;

namespace Mesh.Benchmarks.Subjects;

/// <summary>Endpoints as a registry describes them.</summary>
internal static class EndpointInfos
{
    public static EndpointSnapshot Snapshot(int count, bool weighted = false) =>
        new([.. Enumerable.Range(0, count).Select(i => Create(i, weighted))], EndpointSource.Consul, Known: true);

    /// <summary>The same endpoints, of which one has other metadata: what a registry's update mostly is.</summary>
    public static EndpointSnapshot WithOneChanged(EndpointSnapshot snapshot, int index)
    {
        var infos = snapshot.Endpoints.ToArray();
        infos[index] = infos[index] with
        {
            Metadata = new Dictionary<string, string> { ["version"] = "2" },
        };
        return snapshot with { Endpoints = infos };
    }

    /// <summary>The same endpoints without one.</summary>
    public static EndpointSnapshot WithoutOne(EndpointSnapshot snapshot, int index) =>
        snapshot with { Endpoints = [.. snapshot.Endpoints.Where((_, i) => i != index)] };

    public static EndpointInfo Create(int index, bool weighted) => new()
    {
        Id = $"node-{index}/orders-{index}",
        Host = $"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}",
        Port = 8080,
        Weight = weighted ? 1 + (index % 3) : 1,
        Health = EndpointHealth.Passing,
        Node = $"node-{index}",
        Datacenter = "dc1",
        Metadata = new Dictionary<string, string> { ["version"] = "1" },
    };
}
