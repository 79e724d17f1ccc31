using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Scenarios.Service;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Beside;

/// <summary>A program with <c>AddMesh().AddServer()</c> under test, on a machine where Consul never answers.</summary>
public sealed class WebApplicationFactoryTests : IDisposable
{
    private readonly TcpListener _silence = new(IPAddress.Loopback, 0);

    public WebApplicationFactoryTests() => _silence.Start();

    public void Dispose() => _silence.Dispose();

    [Fact]
    public async Task Program_StartsWithoutConsul_ServesItsClients_AndRegistersNothing()
    {
        var log = new LogSink();
        var watch = Stopwatch.StartNew();
        await using var factory = Factory(log);
        using var client = factory.CreateClient();
        var who = await client.GetStringAsync("/who");
        var started = watch.Elapsed;

        Assert.StartsWith("under-test ", who, StringComparison.Ordinal);
        Assert.Equal(1, log.Count(7007));
        Assert.Equal(0, log.Count(7000) + log.Count(7001));
        Assert.DoesNotContain(log.Lines, l => l.Level >= LogLevel.Error);
        Assert.True(started < TimeSpan.FromSeconds(20), $"took {started}");
    }

    [Fact]
    public async Task ClientOfTheProgram_WithTheHandlerOfAnotherFactory_CallsThatOne()
    {
        var log = new LogSink();
        await using var next = Factory(new LogSink(), "next");
        await using var factory = Factory(log, configure: services => services.AddHttpClient("next")
            .ConfigurePrimaryHttpMessageHandler(() => next.Server.CreateHandler()));
        using var client = factory.CreateClient();

        var who = await client.GetStringAsync("/who?hops=1");

        Assert.Contains("\nnext ", who, StringComparison.Ordinal);
        Assert.Contains("'next'", Assert.Single(log.Lines, l => l.Id.Id == 6000).Text, StringComparison.Ordinal);
    }

    private WebApplicationFactory<ServiceSettings> Factory(
        LogSink log, string instance = "under-test", Action<IServiceCollection>? configure = null) =>
        new WebApplicationFactory<ServiceSettings>().WithWebHostBuilder(host => host
            .UseSetting("Mesh:Instance", instance)
            .UseSetting("Mesh:Service", "under-test")
            .UseSetting("Mesh:Snapshot:Enabled", "false")
            .UseSetting("Mesh:Consul:Address", $"http://{_silence.LocalEndpoint}")
            .UseSetting("Scenario:Next", "http://next")
            .ConfigureLogging(logging => logging.ClearProviders().AddProvider(log))
            .ConfigureServices(services => configure?.Invoke(services)));
}
