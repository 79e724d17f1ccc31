using Mesh.AspNetCore.Tests.Support;
using Mesh.Consul;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests;

/// <summary>The two lines a user writes, on the real outbound half.</summary>
[Collection(ConsulCollection.Name)]
public sealed class CompositionTests(ConsulCollection.Agent agent)
{
    [Fact]
    public async Task AddMesh_AddServer_RegistersUnderTheProcessOwnName_AlsoWhenCalledTwice()
    {
        var service = $"two-lines-{Guid.NewGuid():N}"[..18];
        await using var app = Build(service, new() { ["Mesh:Server:Tags:0"] = "blue" }, services =>
        {
            services.AddMesh().AddServer();
            services.AddMesh().AddServer(o => o.Weights.Passing = 5);
        });
        await app.StartAsync();
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Consul.Address.ToString() });

        var found = await Eventually.GetAsync(
            async () => (await consul.GetServiceHealthAsync(service, ConsulQuery.None, default)).Value.SingleOrDefault(),
            "the instance in Consul");

        Assert.Equal(["blue"], found.Service.Tags);
        Assert.Equal(5, found.Service.Weights.Passing);
        Assert.Equal(new Uri(app.Urls.Single()).Port, found.Service.Port);
        await app.StopAsync();
        Assert.Empty((await consul.GetServiceHealthAsync(service, ConsulQuery.None, default)).Value);
    }

    [Fact]
    public async Task WithoutConsul_NothingIsRegistered_AndOneLineSaysSo()
    {
        var service = $"without-{Guid.NewGuid():N}"[..18];
        var log = new LogSink();
        await using var app = Build(
            service,
            new() { ["Mesh:Discovery:UseConsul"] = "false" },
            services => services.AddMesh().AddServer().Services.AddLogging(logging => logging.AddProvider(log)));
        await app.StartAsync();
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(app.Urls.Single()));
        await app.StopAsync();

        Assert.Equal(1, log.Count(7019));
        Assert.DoesNotContain(log.Lines, line => line.Id.Id is >= 7000 and < 7019 and not 7016); // that it closes
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Consul.Address.ToString() });
        Assert.Empty((await consul.GetServiceHealthAsync(service, ConsulQuery.None, default)).Value);
    }

    [Fact]
    public async Task InvalidSettings_StopTheStart()
    {
        await using var app = Build(
            "never", new() { ["Mesh:Server:Ttl"] = "00:00:01" }, services => services.AddMesh().AddServer());

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains("Mesh:Server:Ttl", error.Message, StringComparison.Ordinal);
    }

    private WebApplication Build(string service, Dictionary<string, string?> settings, Action<IServiceCollection> add)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        settings["Mesh:Consul:Address"] = agent.Consul.Address.ToString();
        settings["Mesh:Service"] = service;
        settings["Mesh:Server:DrainDelay"] = "00:00:00";
        settings["Mesh:Snapshot:Enabled"] = "false";
        builder.Configuration.AddInMemoryCollection(settings);
        add(builder.Services);
        return builder.Build();
    }
}
