using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Hosting;

/// <summary>The mesh in each kind of application it is added to.</summary>
public sealed class ApplicationTests
{
    [Fact]
    public async Task Console_WithoutHostOrConfiguration_Calls()
    {
        await using var orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        var services = new ServiceCollection();
        services.AddMesh(Static(orders));
        await using var provider = services.BuildServiceProvider();

        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("orders", await client.GetStringAsync("http://orders/"));
    }

    [Fact]
    public async Task Console_SendingSynchronously_Calls()
    {
        await using var orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        var services = new ServiceCollection();
        services.AddMesh(Static(orders));
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient();

        using var response = await Task.Run(() => client.Send(new HttpRequestMessage(HttpMethod.Get, "http://orders/")));
        using var reader = new StreamReader(response.Content.ReadAsStream());

        Assert.Equal("orders", reader.ReadToEnd());
    }

    [Fact]
    public async Task ReadOnlyRoot_CallsAllTheSame_AndSaysOnceThatThereIsNoSnapshot()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() });
        using var log = new LogCollector();

        // A file where the folder would be: it cannot be made by root either.
        var file = Path.GetTempFileName();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddMesh(options =>
        {
            options.Consul.Address = agent.Address.ToString();
            options.Snapshot.Folder = Path.Combine(file, "mesh");
        });
        await using (var provider = services.BuildServiceProvider())
        {
            using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient();
            for (var i = 0; i < 3; i++)
            {
                await consul.RegisterServiceAsync(
                    new ServiceRegistration { Id = $"o{i}", Name = "orders", Address = "127.0.0.1", Port = orders.Port }, default);
                Assert.Equal("orders", await client.GetStringAsync("http://orders.mesh/"));
                provider.GetRequiredService<Mesh.Client.Pipeline.SnapshotStore>().Flush();
            }
        }

        File.Delete(file);
        Assert.Single(log.Of(1051));
    }

    [Fact]
    public void Container_ThatChecksItself_FindsNothingMissing()
    {
        var services = new ServiceCollection();
        services.AddMesh(options => options.Discovery.UseConsul = false);
        services.AddHealthChecks().AddMesh();

        using var provider = services.BuildServiceProvider(
            new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.NotNull(provider.GetRequiredService<IMeshHandlerFactory>());
    }

    [Fact]
    public async Task Worker_WithConfiguration_CallsFromItsBackgroundService()
    {
        await using var orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        var host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "The.Worker" });
        host.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Discovery:UseConsul"] = "false",
            ["Mesh:Snapshot:Enabled"] = "false",
            ["Mesh:Upstreams:orders:Endpoints:0"] = $"127.0.0.1:{orders.Port}",
        });
        host.Services.AddMesh();
        host.Services.AddSingleton<Worker>();
        host.Services.AddHostedService(provider => provider.GetRequiredService<Worker>());
        using var app = host.Build();
        await app.StartAsync();

        Assert.Equal("orders", await app.Services.GetRequiredService<Worker>().Answer.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("the-worker", app.Services.GetRequiredService<Mesh.Client.Pipeline.MeshSelf>().Service);
        await app.StopAsync();
    }

    [Fact]
    public async Task Start_WithWrongSettings_FailsWithEveryProblem()
    {
        var host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        host.Services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Name = "";
            options.Discovery.IdleWatch = TimeSpan.Zero;
        });
        using var app = host.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public async Task Start_WithoutAnAnswerOfConsul_IsHeldUpNoLongerThanTheBound()
    {
        using var dead = new FullListener();
        using var log = new LogCollector();
        var time = new ManualTimeProvider();
        var host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        host.Logging.AddProvider(log);
        host.Services.AddSingleton<TimeProvider>(time);
        host.Services.AddMesh(options =>
        {
            options.Snapshot.Enabled = false;
            options.Consul.Address = $"127.0.0.1:{dead.Port}";
            options.Upstreams["Orders"] = new MeshUpstreamOptions();
        });
        using var app = host.Build();

        var starting = app.StartAsync();
        while (!starting.IsCompleted)
        {
            await time.WhenArmedAsync().WaitAsync(TimeSpan.FromSeconds(30));
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await starting;
        Assert.Contains("No answer about orders within 2000 ms", Assert.Single(log.Of(6010)));
        await app.StopAsync();
    }

    private static Action<MeshOptions> Static(HttpBackend orders) => options =>
    {
        options.Discovery.UseConsul = false;
        options.Snapshot.Enabled = false;
        options.Upstreams["orders"] = new MeshUpstreamOptions { Endpoints = { $"127.0.0.1:{orders.Port}" } };
    };

    private sealed class Worker(IHttpClientFactory clients) : BackgroundService
    {
        private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Answer => _answer.Task;

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                using var client = clients.CreateClient("worker");
                _answer.SetResult(await client.GetStringAsync("http://orders/", stoppingToken));
            }
            catch (Exception exception)
            {
                _answer.TrySetException(exception);
            }
        }
    }
}
