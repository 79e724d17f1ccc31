using System.Collections;
using System.Text.Json;
using Mesh.Client.Hosting;
using Mesh.Consul;
using Mesh.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Hosting;

public sealed class MeshOptionsTests
{
    [Fact]
    public void Options_WithoutConfiguration_AreTheDefaults()
    {
        var options = Read(services => services.AddMesh());

        Assert.Equal("mesh", options.Name);
        Assert.Equal([".mesh", ".service.consul"], options.Suffixes);
        Assert.Equal(MeshAdoption.All, options.Adopt);
        Assert.Equal(UnknownServices.PassThrough, options.UnknownServices);
        Assert.True(options.Discovery.UseConsul);
        Assert.Empty(options.Upstreams);
    }

    [Fact]
    public void ConfigServer_AsAList_IsTheSameAsSeparatedByCommas()
    {
        var options = Read(services => services.AddSingleton(Configuration(
            ("Mesh:ConfigServer:0", "http://a:8600"), ("Mesh:ConfigServer:1", "http://b:8600"))).AddMesh());

        Assert.Equal("http://a:8600,http://b:8600", options.ConfigServer);
    }

    [Fact]
    public void Section_InTheConfiguration_IsReadWithEveryKindOfSetting()
    {
        var options = Read(services => services.AddSingleton(Configuration(
            ("Mesh:Name", "shop"), ("Mesh:Service", "web"), ("Mesh:Instance", "web-1"), ("Mesh:Version", "1.2"),
            ("Mesh:Zone", "z1"), ("Mesh:Suffixes:0", ".corp"), ("Mesh:Adopt", "listed"),
            ("Mesh:UnknownServices", "Fail"), ("Mesh:Upstreams:orders:Port", "8080"),
            ("Mesh:Upstreams:orders:Endpoints:0", "127.0.0.1:5001"), ("Mesh:Upstreams:orders:Endpoints:1", "http://h:1"),
            ("Mesh:Consul:Address", "http://consul:8500"), ("Mesh:Consul:SslVerify", "false"),
            ("Mesh:Consul:MaxBlockingQueries", "4"), ("Mesh:Discovery:UseConsul", "False"),
            ("Mesh:Discovery:FirstAnswerTimeout", "250ms"), ("Mesh:Discovery:SuspectWindow", "00:00:20"),
            ("Mesh:Discovery:IdleWatch", "1.5h"), ("Mesh:ConfigServer", "http://desk:8600"),
            ("Mesh:ConfigServerToken", "t"), ("Mesh:PolicyFolder", "p"), ("Mesh:Snapshot:Enabled", "false"),
            ("Mesh:Snapshot:Folder", "f"), ("Mesh:Snapshot:MaxAge", "2d"))).AddMesh());

        Assert.Equal(("shop", "web", "web-1", "1.2", "z1"),
            (options.Name, options.Service, options.Instance, options.Version, options.Zone));
        Assert.Equal([".corp"], options.Suffixes);
        Assert.Equal((MeshAdoption.Listed, UnknownServices.Fail), (options.Adopt, options.UnknownServices));
        Assert.Equal(8080, options.Upstreams["ORDERS"].Port);
        Assert.Equal(["127.0.0.1:5001", "http://h:1"], options.Upstreams["orders"].Endpoints);
        Assert.Equal(("http://consul:8500", false, 4),
            (options.Consul.Address, options.Consul.SslVerify, options.Consul.MaxBlockingQueries));
        Assert.False(options.Discovery.UseConsul);
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.Discovery.FirstAnswerTimeout);
        Assert.Equal(TimeSpan.FromSeconds(20), options.Discovery.SuspectWindow);
        Assert.Equal(TimeSpan.FromMinutes(90), options.Discovery.IdleWatch);
        Assert.Equal(("http://desk:8600", "t", "p"),
            (options.ConfigServer, options.ConfigServerToken, options.PolicyFolder));
        Assert.Equal((false, "f", TimeSpan.FromDays(2)),
            (options.Snapshot.Enabled, options.Snapshot.Folder, options.Snapshot.MaxAge));
    }

    [Fact]
    public void AddMesh_CalledOftenAndInEveryWay_AccumulatesWithoutDoubling()
    {
        var configuration = Configuration(
            ("Mesh:Service", "web"), ("Mesh:Suffixes:0", ".corp"), ("Mesh:Upstreams:orders:Endpoints:0", "a:1"),
            ("Other:Zone", "z1"), ("Other:Upstreams:pricing:Port", "81"));
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddMesh();
        services.AddMesh(options => options.Version = "3");
        services.AddMesh(configuration.GetSection("Mesh"));
        services.AddMesh(configuration.GetSection("Other"));
        services.AddMesh(configuration);
        services.AddMesh(options => options.Instance = "web-7");
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<MeshOptions>>().Value;

        Assert.Equal(("web", "3", "z1", "web-7"), (options.Service, options.Version, options.Zone, options.Instance));
        Assert.Equal([".corp"], options.Suffixes);
        Assert.Equal(["a:1"], options.Upstreams["orders"].Endpoints);
        Assert.Equal(81, options.Upstreams["pricing"].Port);
        Assert.Single(provider.GetServices<Microsoft.Extensions.Http.IHttpMessageHandlerBuilderFilter>(),
            filter => filter is MeshHandlerFilter);
        Assert.Single(provider.GetServices<Microsoft.Extensions.Hosting.IHostedService>(), s => s is MeshStartup);
    }

    [Fact]
    public void WholeConfiguration_GivenForASection_IsNotTakenForOne()
    {
        var options = Read(services => services.AddMesh(Configuration(("NAME", "of the machine"), ("Mesh:Zone", "z1"))));

        Assert.Equal(("mesh", "z1"), (options.Name, options.Zone));
    }

    [Fact]
    public void Problems_OfEveryKind_AreToldAtOnceWithKeyValueAndFix()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read(services => services.AddSingleton(Configuration(
            ("Mesh:Name", "a/b"), ("Mesh:Service", "or ders"), ("Mesh:Instance", "in/stance"),
            ("Mesh:Suffixes:0", "corp"), ("Mesh:Adopt", "Some"), ("Mesh:UnknownServices", "3"),
            ("Mesh:Upstreams:localhost:Port", "80"), ("Mesh:Upstreams:orders:Port", "70000"),
            ("Mesh:Upstreams:pricing:Endpoints:0", "nowhere"), ("Mesh:Upstreams:10.0.0.1:Port", "81"),
            ("Mesh:Consul:Address", "ftp://consul"), ("Mesh:Consul:SslVerify", "maybe"),
            ("Mesh:Consul:ClientCertFile", "c.pem"), ("Mesh:Consul:HttpAuth", "user"),
            ("Mesh:Discovery:FirstAnswerTimeout", "30"), ("Mesh:Discovery:SuspectWindow", "500ms"),
            ("Mesh:Discovery:IdleWatch", "-1s"), ("Mesh:ConfigServer", "desk:8600"),
            ("Mesh:Snapshot:MaxAge", "31d"))).AddMesh()));

        Problem("Mesh:Name is 'a/b'; write 1 to 128 letters");
        Problem("Mesh:Service is 'or ders'; write 1 to 128 letters");
        Problem("Mesh:Instance is 'in/stance'; write 1 to 128 letters");
        Problem("Mesh:Suffixes:0 is 'corp'; write a dot and a domain");
        Problem("Mesh:Adopt is 'Some'; write one of All, Listed.");
        Problem("Mesh:UnknownServices is '3'; write one of PassThrough, Fail.");
        Problem("Mesh:Upstreams:localhost is not a service name");
        Problem("Mesh:Upstreams:10.0.0.1 is not a service name");
        Problem("Mesh:Upstreams:orders:Port is '70000'; write 1 to 65535");
        Problem("Mesh:Upstreams:pricing:Endpoints:0: 'nowhere' has no port");
        Problem("Mesh:Consul: The address of Consul 'ftp://consul'");
        Problem("Mesh:Consul:SslVerify is 'maybe'; write true or false.");
        Problem("Mesh:Consul:ClientCertFile is set without Mesh:Consul:ClientKeyFile");
        Problem("Mesh:Consul:HttpAuth has no colon");
        Problem("Mesh:Discovery:FirstAnswerTimeout is '30'; write a duration such as");
        Problem("Mesh:Discovery:SuspectWindow is '00:00:00.5000000'; write 1s to 5m.");
        Problem("Mesh:Discovery:IdleWatch is '-1s'; write a duration");
        Problem("Mesh:ConfigServer is 'desk:8600'; write an address such as");
        Problem("Mesh:Snapshot:MaxAge is '31.00:00:00'; write 1m to 30d.");
        Assert.Equal(19, exception.Failures.Count());

        void Problem(string start) => Assert.Contains(exception.Failures, f => f.StartsWith(start, StringComparison.Ordinal));
    }

    [Fact]
    public void Problems_SetInCode_AreTold()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read(services => services.AddMesh(options =>
        {
            options.Name = "";
            options.Adopt = (MeshAdoption)9;
            options.UnknownServices = (UnknownServices)9;
            options.Upstreams["orders.mesh"] = new MeshUpstreamOptions();
            options.Consul.MaxBlockingQueries = 0;
            options.Consul.ClientKeyFile = "k.pem";
        })));

        Assert.Equal(
            [
                "Mesh:Name is ''; write 1 to 128 letters, digits, '-', '_' and '.', such as \"mesh\".",
                "Mesh:Adopt is '9'; write All or Listed.",
                "Mesh:UnknownServices is '9'; write PassThrough or Fail.",
                "Mesh:Upstreams:orders.mesh ends in the suffix '.mesh'; write \"orders\", which is the service.",
                "Mesh:Consul:MaxBlockingQueries is '0'; write 1 to 100.",
                "Mesh:Consul:ClientKeyFile is set without Mesh:Consul:ClientCertFile; write both, or neither.",
            ],
            exception.Failures);
    }

    [Fact]
    public void Settings_ThatAreNotText_AreAllKnownToTheReader()
    {
        var expected = Typed(typeof(MeshOptions), "").Order(StringComparer.Ordinal);

        Assert.Equal(expected, MeshSettingReader.Kinds.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Settings_OfEveryKind_AreInTheSchemaForEditors()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(PublicSurface.RepositoryRoot(), "src", "Mesh.Client", "ConfigurationSchema.json")));

        Assert.Equal(
            All(typeof(MeshOptions), "").Order(StringComparer.Ordinal),
            InSchema(schema.RootElement.GetProperty("properties").GetProperty("Mesh"), "").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> InSchema(JsonElement schema, string path)
    {
        foreach (var property in schema.GetProperty("properties").EnumerateObject())
        {
            var nested = property.Value.TryGetProperty("properties", out _) ? (property.Value, ":")
                : property.Value.TryGetProperty("additionalProperties", out var any) ? (any, ":*:")
                : default((JsonElement, string)?);
            var keys = nested is var (inner, separator)
                ? InSchema(inner, path + property.Name + separator)
                : [path + property.Name];
            foreach (var key in keys)
            {
                yield return key;
            }
        }
    }

    private static IEnumerable<string> All(Type type, string path) => type.GetProperties().SelectMany(property =>
        property.PropertyType == typeof(IDictionary<string, MeshUpstreamOptions>)
            ? All(typeof(MeshUpstreamOptions), $"{path}{property.Name}:*:")
            : property.PropertyType.IsClass && property.PropertyType != typeof(string)
                ? All(property.PropertyType, $"{path}{property.Name}:")
                : [path + property.Name]);

    private static IEnumerable<string> Typed(Type type, string path)
    {
        foreach (var property in type.GetProperties())
        {
            var key = path + property.Name;
            var kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (kind == typeof(IDictionary<string, MeshUpstreamOptions>))
            {
                foreach (var inner in Typed(typeof(MeshUpstreamOptions), key + ":*:"))
                {
                    yield return inner;
                }
            }
            else if (kind.IsValueType)
            {
                yield return key;
            }
            else if (kind != typeof(string) && !typeof(IEnumerable).IsAssignableFrom(kind))
            {
                foreach (var inner in Typed(kind, key + ":"))
                {
                    yield return inner;
                }
            }
        }
    }

    private static MeshOptions Read(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<MeshOptions>();
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.ToDictionary(v => v.Key, v => (string?)v.Value)).Build();
}
