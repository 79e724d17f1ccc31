using Mesh.Client.Hosting;
using Mesh.Client.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Hosting;

public sealed class UnknownSettingsTests
{
    [Theory]
    [InlineData("Discovry:IdleWatch", "Discovry", "Discovery")]
    [InlineData("Discovery:IdelWatch", "Discovery:IdelWatch", "Discovery:IdleWatch")]
    [InlineData("Upstreams:orders:Endpoint:0", "Upstreams:orders:Endpoint", "Upstreams:orders:Endpoints")]
    [InlineData("Name:Of", "Name:Of", null)]
    [InlineData("Sidecar", "Sidecar", null)]
    public void UnknownKey_IsFound_WithTheNearestKnownOne(string written, string key, string? nearest)
    {
        var found = Assert.Single(Find((written, "1")));

        Assert.Equal(("Mesh:" + key, nearest is null ? null : "Mesh:" + nearest), found);
    }

    [Fact]
    public void KnownKeys_InAnyCase_AndThoseOfOtherPackages_AreNotFound() => Assert.Empty(Find(
        ("service", "a"), ("Discovery:idleWatch", "1m"), ("Suffixes:0", ".x"), ("Upstreams:Sidecar:Endpoints:3", "h:1"),
        ("Server:Whatever", "1"), ("OpenTelemetry:Whatever", "1")));

    [Fact]
    public void SeveralBelowOneUnknownKey_AreOneFind() =>
        Assert.Single(Find(("Sidecar:A", "1"), ("Sidecar:B", "1")));

    [Fact]
    public async Task Start_WarnsOfEachOnce()
    {
        var log = new LogCollector();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Discovery:UseConsul"] = "false",
            ["Mesh:Snapshot:Enabled"] = "false",
            ["Mesh:Snapshot:Foldr"] = "/x",
            ["Mesh:Sidecar"] = "on",
        });
        builder.Services.AddMesh();
        builder.Services.AddMesh();
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        Assert.Contains("Mesh:Sidecar ", Assert.Single(log.Of(6011)));
        var mistyped = Assert.Single(log.Of(6012));
        Assert.Contains("Mesh:Snapshot:Foldr ", mistyped);
        Assert.Contains("Did you mean Mesh:Snapshot:Folder?", mistyped);
    }

    private static IReadOnlyList<(string Key, string? Nearest)> Find(params (string Key, string Value)[] settings) =>
        UnknownSettings.Find(
            new ConfigurationBuilder().AddInMemoryCollection(
                settings.Select(s => KeyValuePair.Create("Mesh:" + s.Key, (string?)s.Value))).Build().GetSection("Mesh"),
            [MeshSettingsSchema.Of(typeof(MeshOptions).Assembly)]);
}
