using Mesh.Client.Discovery;
using Mesh.Consul;

namespace Mesh.Client.Tests.Discovery;

public sealed class EndpointMapperTests
{
    [Fact]
    public void Map_Instance_CarriesEverythingItRegistered()
    {
        var instance = Instance("o1", "10.0.0.7", 8080) with
        {
            Node = new ConsulNode { Node = "n1", Address = "10.9.9.9", Datacenter = "dc7" },
            Checks = [],
        };
        instance = instance with
        {
            Service = instance.Service with
            {
                Tags = ["blue"],
                Meta = new Dictionary<string, string> { ["version"] = "2", ["zone"] = "a" },
                Weights = new ConsulWeights(5, 2),
            },
        };

        var endpoint = Assert.Single(Map(instance));

        Assert.Equal("dc7/n1/o1", endpoint.Id);
        Assert.Equal(("10.0.0.7", 8080, 5), (endpoint.Host, endpoint.Port, endpoint.Weight));
        Assert.Equal(("n1", "dc7", "a"), (endpoint.Node, endpoint.Datacenter, endpoint.Zone));
        Assert.Equal(EndpointHealth.Passing, endpoint.Health);
        Assert.Equal(["blue"], endpoint.Tags);
        Assert.Equal("2", endpoint.Metadata["version"]);
        Assert.False(endpoint.Vanished);
    }

    [Fact]
    public void Map_WhatSpeaksConnect_IsASidecarUnlessItIsAMember()
    {
        var member = Instance("o2", "h", 81);
        member = member with
        {
            Service = member.Service with { Meta = new Dictionary<string, string> { [MeshMetadata.Tls] = "permissive" } },
        };

        var endpoints = EndpointMapper.Map([Instance("o1", "h", 80), member], "dc1", out _, connect: true);

        Assert.Equal(
            [(true, EndpointTls.Strict), (false, EndpointTls.Permissive)], endpoints.Select(e => (e.IsSidecar, e.Tls)));
    }

    [Fact]
    public void Map_NoAddress_FallsBackToTheNodes() =>
        Assert.Equal("10.1.1.1", Assert.Single(Map(Instance("o1", "", 80))).Host);

    [Fact]
    public void Map_NoDatacenterInTheAnswer_TakesTheOneAsked() =>
        Assert.Equal("asked/n1/o1", Assert.Single(EndpointMapper.Map([Instance("o1", "h", 80)], "asked", out _)).Id);

    [Fact]
    public void Map_ZoneOfTheNode_IsUsedWhenTheServiceSaysNone()
    {
        var instance = Instance("o1", "h", 80) with
        {
            Node = new ConsulNode
            {
                Node = "n1", Address = "a", Meta = new Dictionary<string, string> { ["zone"] = "node-zone" },
            },
        };

        Assert.Equal("node-zone", Assert.Single(Map(instance)).Zone);
    }

    [Theory]
    [InlineData(new string[0], "Passing")]
    [InlineData(new[] { "Passing", "Passing" }, "Passing")]
    [InlineData(new[] { "Passing", "Warning" }, "Warning")]
    [InlineData(new[] { "Warning", "Critical" }, "Critical")]
    [InlineData(new[] { "Critical", "Warning" }, "Critical")]
    public void Map_Health_IsTheWorstCheck(string[] checks, string expected)
    {
        var instance = Instance("o1", "h", 80) with { Checks = [.. checks.Select((c, i) => Check($"c{i}", c))] };

        Assert.Equal(expected, Assert.Single(Map(instance)).Health.ToString());
    }

    [Theory]
    [InlineData("_node_maintenance")]
    [InlineData("_service_maintenance:o1")]
    public void Map_MaintenanceCheck_IsMaintenanceWhateverElseFails(string check)
    {
        var instance = Instance("o1", "h", 80) with { Checks = [Check("c", "Critical"), Check(check, "Critical")] };

        Assert.Equal(EndpointHealth.Maintenance, Assert.Single(Map(instance)).Health);
    }

    [Fact]
    public void Map_Warning_UsesTheWarningWeight() =>
        Assert.Equal((EndpointHealth.Warning, 2), WithWeights(9, 2, "Warning"));

    [Fact]
    public void Map_WarningWithWeightZero_TakesNoTraffic() =>
        Assert.Equal((EndpointHealth.Critical, 1), WithWeights(9, 0, "Warning"));

    [Fact]
    public void Map_DuplicatesOfOneSocket_CollapseToTheNewest()
    {
        var endpoints = EndpointMapper.Map(
            [
                Instance("old", "h", 80, index: 5), Instance("other", "h", 81, index: 1),
                Instance("new", "h", 80, index: 9), Instance("older", "h", 80, index: 2),
            ],
            null,
            out _);

        Assert.Equal(["/n1/new", "/n1/other"], endpoints.Select(e => e.Id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void Map_NoUsablePort_IsLeftOutAndCounted(int port)
    {
        var endpoints = EndpointMapper.Map([Instance("a", "h", port), Instance("b", "h", 80)], null, out var portless);

        Assert.Equal("/n1/b", Assert.Single(endpoints).Id);
        Assert.Equal(1, portless);
    }

    private static List<EndpointInfo> Map(ServiceHealth instance) => EndpointMapper.Map([instance], null, out _);

    private static (EndpointHealth Health, int Weight) WithWeights(int passing, int warning, string check)
    {
        var instance = Instance("o1", "h", 80) with { Checks = [Check("c", check)] };
        instance = instance with { Service = instance.Service with { Weights = new ConsulWeights(passing, warning) } };
        var endpoint = Assert.Single(Map(instance));
        return (endpoint.Health, endpoint.Weight);
    }

    private static ConsulCheck Check(string id, string status) =>
        new() { CheckId = id, Status = Enum.Parse<ConsulHealth>(status) };

    private static ServiceHealth Instance(string id, string address, int port, ulong index = 1) => new()
    {
        Node = new ConsulNode { Node = "n1", Address = "10.1.1.1" },
        Service = new ConsulService
        {
            Id = id, Service = "orders", Address = address, Port = port, ModifyIndex = index,
        },
        Checks = [],
    };
}
