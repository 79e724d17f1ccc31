using Mesh.Client.Hosting;
using Mesh.Client.Security;
using Mesh.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.Tests.Security;

public sealed class IdentityOptionsTests
{
    [Fact]
    public void Section_IsRead_WithEverySetting()
    {
        using var provider = Provider(
            ("Source", "files"), ("Path", "/sa/{service}"), ("CertificateFile", "c"), ("KeyFile", "k"),
            ("RootsFile", "r"),
            ("RootsFolder", "f"), ("AllowDevelopment", "true"), ("DevelopmentFolder", "d"));

        var identity = provider.GetRequiredService<MeshOptions>().Identity;

        Assert.Equal(
            (MeshIdentitySource.Files, "/sa/{service}", "c", "k", "r", "f", true, "d"),
            (identity.Source, identity.Path, identity.CertificateFile, identity.KeyFile, identity.RootsFile,
                identity.RootsFolder, identity.AllowDevelopment, identity.DevelopmentFolder));
        Assert.Equal("web", provider.GetRequiredService<IdentityPaths>().ServiceOf(new SpiffeId("td", "/sa/web")));
    }

    [Fact]
    public void Problems_AreToldAllAtOnce()
    {
        var options = new MeshOptions();
        options.Identity.Source = MeshIdentitySource.Files;
        options.Identity.Path = "/svc";
        options.Identity.KeyFile = "key.pem";

        var told = new MeshOptionsValidator().Validate(null, options).Failures!.ToArray();

        Assert.Equal(3, told.Length);
        Assert.Contains(
            told, t => t.StartsWith("Mesh:Identity:Path: '/svc' must have {service}", StringComparison.Ordinal));
        Assert.Contains(told, t => t.StartsWith("Mesh:Identity:CertificateFile is not set", StringComparison.Ordinal));
        Assert.Contains(told, t => t.StartsWith("Mesh:Identity:RootsFile is not set", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void Development_NeedsItsEnvironment_OrToBeAllowed(bool environment, bool allowed, bool valid)
    {
        var options = new MeshOptions();
        (options.Identity.Source, options.Identity.AllowDevelopment) = (MeshIdentitySource.Development, allowed);

        var result = new MeshOptionsValidator(environment).Validate(null, options);

        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.Contains("AllowDevelopment", StringComparison.Ordinal));
    }

    [Fact]
    public void Consul_WithoutConsul_IsRefused()
    {
        var options = new MeshOptions { Identity = { Source = MeshIdentitySource.Consul }, Discovery = { UseConsul = false } };

        Assert.Contains(
            "UseConsul", new MeshOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MeshIdentitySource.Auto, null, true, MeshIdentitySource.Consul)]
    [InlineData(MeshIdentitySource.Auto, null, false, MeshIdentitySource.None)]
    [InlineData(MeshIdentitySource.Auto, "c.pem", true, MeshIdentitySource.Files)]
    [InlineData(MeshIdentitySource.None, "c.pem", true, MeshIdentitySource.None)]
    [InlineData(MeshIdentitySource.Consul, "c.pem", true, MeshIdentitySource.Consul)]
    public void Auto_TakesFilesWhenSet_ElseConsulWhenUsed(
        MeshIdentitySource source, string? file, bool useConsul, MeshIdentitySource expected)
    {
        var options = new MeshOptions();
        (options.Identity.Source, options.Identity.CertificateFile) = (source, file);
        options.Discovery.UseConsul = useConsul;

        Assert.Equal(expected, MeshIdentities.Resolve(options));
    }

    [Fact]
    public async Task ASourceOfTheApplication_IsUsedInstead()
    {
        var own = new CurrentIdentity();
        await using var provider = Provider(own, ("Source", "Consul"));

        Assert.Same(own, provider.GetRequiredService<IMeshIdentity>());
    }

    [Fact]
    public async Task Health_WithoutTheIdentityThatWasAskedFor_IsDegraded_NeverUnhealthy()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-identity-").FullName;
        string File(string name) => Path.Combine(folder, name);
        await using var provider = Provider(
            ("CertificateFile", File("c.pem")), ("KeyFile", File("k.pem")), ("RootsFile", File("r.pem")));
        var identity = provider.GetRequiredService<IMeshIdentity>();
        await identity.FirstAnswer;

        var without = await CheckAsync(provider);
        using var authority = new TestAuthority();
        authority.Issue("web").WriteTo(File("c.pem"), File("k.pem"));
        System.IO.File.WriteAllText(File("r.pem"), authority.RootPem);
        await Support.Eventually.TrueAsync(() => identity.Current is not null, "the files to be read");
        var with = await CheckAsync(provider);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(HealthStatus.Degraded, without.Status);
        Assert.Contains("no identity (reason unreadable)", without.Description, StringComparison.Ordinal);
        Assert.Equal(("files", "unreadable"), (without.Data["identity.source"], without.Data["identity.reason"]));
        Assert.Equal(HealthStatus.Healthy, with.Status);
        Assert.Equal(authority.IdOf("web"), with.Data["identity.id"]);
        Assert.InRange((double)with.Data["identity.expires"], 86_000, 86_400);
    }

    private static async Task<HealthReportEntry> CheckAsync(ServiceProvider provider) =>
        (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["mesh"];

    private static ServiceProvider Provider(params (string Key, string Value)[] settings) => Provider(null, settings);

    private static ServiceProvider Provider(IMeshIdentity? own, params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        if (own is not null)
        {
            services.AddSingleton(own);
        }

        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings
            .Select(s => KeyValuePair.Create($"Mesh:Identity:{s.Key}", (string?)s.Value))
            .Append(new("Mesh:Discovery:UseConsul", own is null ? "false" : "true"))
            .Append(new("Mesh:Snapshot:Enabled", "false"))).Build());
        services.AddMesh();
        services.AddHealthChecks().AddMesh();
        return services.BuildServiceProvider();
    }
}
