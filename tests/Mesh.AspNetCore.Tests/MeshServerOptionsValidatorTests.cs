namespace Mesh.AspNetCore.Tests;

public sealed class MeshServerOptionsValidatorTests
{
    [Fact]
    public void Defaults_AreValid() => Assert.Empty(Problems(_ => { }));

    [Fact]
    public void EveryProblem_IsNamedAtOnce()
    {
        var problems = Problems(o =>
        {
            o.Address = "http://here";
            o.Weights.Passing = 0;
            o.Ttl = TimeSpan.FromSeconds(1);
            o.DrainDelay = TimeSpan.FromSeconds(-1);
            o.CheckPath = "alive";
        });

        Assert.Equal(6, problems.Count);
        Assert.All(problems, p => Assert.StartsWith("Mesh:Server:", p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("with space", "x")]
    [InlineData("consul-thing", "x")]
    [InlineData("mesh-schema", "2")]
    [InlineData("version", "2")]
    [InlineData("zone", "a")]
    public void Metadata_ThatConsulOrTheMeshOwns_IsRefused(string key, string value) =>
        Assert.Contains(key, Assert.Single(Problems(o => o.Metadata[key] = value)), StringComparison.Ordinal);

    [Fact]
    public void Metadata_BeyondConsulsLimits_IsRefused()
    {
        Assert.Single(Problems(o => o.Metadata[new string('k', 129)] = "x"));
        Assert.Empty(Problems(o => o.Metadata[new string('k', 128)] = new string('v', 512)));
        Assert.Single(Problems(o => o.Metadata["k"] = new string('v', 513)));
        Assert.Empty(Problems(o => Fill(o, 59)));
        Assert.Single(Problems(o => Fill(o, 60)));
    }

    [Fact]
    public void Peers_WithoutATrustDomainOrTwiceTheSame_AreRefused()
    {
        Assert.Empty(Problems(o => (o.Peers["cloud"], o.Peers["edge"]) = ("cloud.test", "edge.test")));
        Assert.Contains(
            "cloud", Assert.Single(Problems(o => o.Peers["cloud"] = "Cloud.Test")), StringComparison.Ordinal);
        Assert.Single(Problems(o => o.Peers["cloud"] = ""));
        Assert.Single(Problems(o => (o.Peers["cloud"], o.Peers["edge"]) = ("one.test", "one.test")));
    }

    [Fact]
    public void DeregisterCriticalServiceAfter_BelowConsulsMinimum_IsRefused()
    {
        Assert.Single(Problems(o => o.DeregisterCriticalServiceAfter = TimeSpan.FromSeconds(59)));
        Assert.Empty(Problems(o => o.DeregisterCriticalServiceAfter = null));
    }

    [Fact]
    public void Heartbeat_MoreThanHalfOfTheTtl_IsRefused() =>
        Assert.Contains("00:00:07.5", Assert.Single(Problems(o => o.Heartbeat = TimeSpan.FromSeconds(8))), StringComparison.Ordinal);

    [Fact]
    public void InstanceId_IsForExternalOnly()
    {
        Assert.Single(Problems(o => o.InstanceId = "x"));
        Assert.Empty(Problems(o => (o.InstanceId, o.Registration) = ("x", MeshRegistration.External)));
    }

    private static void Fill(MeshServerOptions options, int pairs)
    {
        for (var i = 0; i < pairs; i++)
        {
            options.Metadata[$"k{i}"] = "v";
        }
    }

    private static List<string> Problems(Action<MeshServerOptions> configure)
    {
        var options = new MeshServerOptions();
        configure(options);
        return new MeshServerOptionsValidator().Validate(null, options).Failures?.ToList() ?? [];
    }
}
