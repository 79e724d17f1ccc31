using Mesh.Client;
using Mesh.Client.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests;

public sealed class MeshServerOptionsBindingTests
{
    [Fact]
    public void Durations_AreWrittenAsInTheRestOfTheMesh()
    {
        var options = Read(
            ("Heartbeat", "1s"), ("Ttl", "00:00:06"), ("DrainDelay", "250ms"), ("DeregisterCriticalServiceAfter", "1h"),
            ("Weights:Passing", "7"), ("Tags:0", "blue"), ("Metadata:rack", "r1"), ("Check", "Http"),
            ("Drain", "false"),
            ("PlainPorts:0", "8081"), ("Peers:cloud", "cloud.test"));

        Assert.Equal(TimeSpan.FromSeconds(1), options.Heartbeat);
        Assert.Equal(TimeSpan.FromSeconds(6), options.Ttl);
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.DrainDelay);
        Assert.Equal(TimeSpan.FromHours(1), options.DeregisterCriticalServiceAfter);
        Assert.Equal(7, options.Weights.Passing);
        Assert.Equal(["blue"], options.Tags);
        Assert.Equal("r1", options.Metadata["rack"]);
        Assert.Equal("cloud.test", options.Peers["cloud"]);
        Assert.Equal(MeshCheckKind.Http, options.Check);
        Assert.False(options.Drain);
        Assert.Equal([8081], options.PlainPorts);
    }

    [Fact]
    public void EveryUnreadableValue_IsNamedAtOnceWithWhatToWrite()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => Read(("Heartbeat", "soon"), ("DrainDelay", "30"), ("Weights:Passing", "much"), ("PlainPorts:0", "metrics")));

        Assert.Equal(4, error.Failures.Count());
        Assert.Contains(
            "Mesh:Server:DrainDelay is '30'; write a duration such as \"250ms\"", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void EveryDurationOfTheOptions_IsReadAsOne() => Assert.Equal(
        typeof(MeshServerOptions).GetProperties()
            .Where(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) == typeof(TimeSpan))
            .Select(p => p.Name).Order(StringComparer.Ordinal),
        MeshServerOptionsBinding.Kinds.Where(k => k.Value == MeshSettingKind.Duration).Select(k => k.Key)
            .Order(StringComparer.Ordinal));

    [Fact]
    public void EverySetting_IsInTheSchemaForEditors()
    {
        var server = MeshSettingsSchema.Of(typeof(MeshServerOptions).Assembly).Section
            .GetProperty("properties").GetProperty("Server").GetProperty("properties");

        Assert.Equal(
            typeof(MeshServerOptions).GetProperties().Select(p => p.Name).Order(StringComparer.Ordinal),
            server.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void MistypedSetting_IsFoundWithTheNearestOne()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Server:Regstration"] = "External",
            ["Mesh:Server:Weights:Pasing"] = "2",
            ["Mesh:Server:Metadata:anything"] = "1",
        }).Build();

        var found = UnknownSettings.Find(
            configuration.GetSection("Mesh"),
            [
                MeshSettingsSchema.Of(typeof(MeshOptions).Assembly),
                MeshSettingsSchema.Of(typeof(MeshServerOptions).Assembly),
            ]);

        Assert.Equal(
            [
                ("Mesh:Server:Regstration", "Mesh:Server:Registration"),
                ("Mesh:Server:Weights:Pasing", "Mesh:Server:Weights:Passing"),
            ],
            found);
    }

    private static MeshServerOptions Read(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create("Mesh:Server:" + s.Key, (string?)s.Value))).Build());
        new Builder(services).AddServer();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<MeshServerOptions>>().Value;
    }

    private sealed record Builder(IServiceCollection Services) : IMeshBuilder;
}
