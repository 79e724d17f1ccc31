using Mesh.AspNetCore.Tests.Support;
using Mesh.Consul;

namespace Mesh.AspNetCore.Tests.Registering;

[Collection(ConsulCollection.Name)]
public sealed class ExternalRegistrationTests(ConsulCollection.Agent agent) : IDisposable
{
    private readonly Uri _consul = agent.Consul.Address;
    private readonly ConsulClient _operator = new(new ConsulClientOptions { Address = agent.Consul.Address.ToString() });

    public void Dispose() => _operator.Dispose();

    [Fact]
    public async Task Registered_ByOthers_IsAdopted_AndInMaintenanceAfterTheStop()
    {
        await using var app = await StartAsync();
        await Eventually.TrueAsync(() => app.Log.Count(7012) == 1, "word of not being found", app.Log.Text);
        await RegisterAsync("theirs", app);
        await Eventually.TrueAsync(() => app.Log.Count(7011) == 1, "the adoption", app.Log.Text);

        await app.App.StopAsync();

        var left = await FindAsync(app);
        Assert.Equal("theirs", left.Service.Id);
        Assert.Contains(left.Checks, IsMaintenance);
        await _operator.DeregisterServiceAsync("theirs", CancellationToken.None);
    }

    [Fact]
    public async Task NextStart_EndsTheMaintenanceOfTheLastStop()
    {
        string service;
        await using (var first = await StartAsync(o => o.InstanceId = "stays"))
        {
            service = first.Self.Service;
            await RegisterAsync("stays", first);
            await Eventually.TrueAsync(() => first.Log.Count(7011) == 1, "the adoption", first.Log.Text);
            await first.App.StopAsync();
            Assert.Contains((await FindAsync(first)).Checks, IsMaintenance);
        }

        await using var second = await StartAsync(o => o.InstanceId = "stays", service);
        await Eventually.TrueAsync(
            async () => !(await FindAsync(second)).Checks.Any(IsMaintenance), "the end of maintenance", second.Log.Text);
        await _operator.DeregisterServiceAsync("stays", CancellationToken.None);
    }

    [Fact]
    public async Task Maintenance_OfAnOperator_StaysOverAStart()
    {
        const string service = "repairs";
        await RegisterAsync("repair", service, 4712);
        await _operator.SetMaintenanceAsync("repair", enable: true, "disk swap", CancellationToken.None);

        await using var app = await StartAsync(o => o.InstanceId = "repair", service);
        await Eventually.TrueAsync(() => app.Log.Count(7011) == 1, "the adoption", app.Log.Text);

        var found = await FindAsync(app);

        Assert.Equal("disk swap", Assert.Single(found.Checks, IsMaintenance).Notes);
        await _operator.DeregisterServiceAsync("repair", CancellationToken.None);
    }

    [Fact]
    public async Task TtlCheck_OfOthers_IsNotRefreshed()
    {
        await using var app = await StartAsync();
        await RegisterAsync("watched", app, new CheckRegistration
        {
            CheckId = "service:watched",
            Name = "theirs",
            Ttl = TimeSpan.FromSeconds(2),
            InitialStatus = ConsulHealth.Passing,
        });
        await Eventually.TrueAsync(() => app.Log.Count(7011) == 1, "the adoption", app.Log.Text);

        await Eventually.TrueAsync(
            async () => (await FindAsync(app)).Checks.Any(c => c is { CheckId: "service:watched", Status: ConsulHealth.Critical }),
            "the check to expire", app.Log.Text);
        await _operator.DeregisterServiceAsync("watched", CancellationToken.None);
    }

    [Fact]
    public async Task TwoThatFit_NoneIsAdopted()
    {
        const string service = "twins";
        await RegisterAsync("one", service, 4711);
        await RegisterAsync("two", service, 4711);

        await using var app = await StartAsync(o => o.Address = "127.0.0.1:4711", service);
        await Eventually.TrueAsync(() => app.Log.Count(7012) == 1, "word of not being found", app.Log.Text);
        await app.App.StopAsync();

        Assert.Equal(0, app.Log.Count(7011) + app.Log.Count(7013));
        await _operator.DeregisterServiceAsync("one", CancellationToken.None);
        await _operator.DeregisterServiceAsync("two", CancellationToken.None);
    }

    private static bool IsMaintenance(ConsulCheck check) =>
        check.CheckId.StartsWith(ConsulCheck.ServiceMaintenancePrefix, StringComparison.Ordinal);

    private Task<MeshedApp> StartAsync(Action<MeshServerOptions>? configure = null, string? service = null) =>
        MeshedApp.StartAsync(_consul, o =>
        {
            o.Registration = MeshRegistration.External;
            configure?.Invoke(o);
        }, service: service);

    private Task RegisterAsync(string id, MeshedApp app, CheckRegistration? check = null) =>
        RegisterAsync(id, app.Self.Service, app.Port(), check);

    private Task RegisterAsync(string id, string service, int port, CheckRegistration? check = null) =>
        _operator.RegisterServiceAsync(
            new ServiceRegistration
            {
                Id = id,
                Name = service,
                Address = "127.0.0.1",
                Port = port,
                Checks = check is null ? [] : [check],
            },
            CancellationToken.None);

    private async Task<ServiceHealth> FindAsync(MeshedApp app) =>
        Assert.Single((await _operator.GetServiceHealthAsync(app.Self.Service, ConsulQuery.None, CancellationToken.None)).Value);
}
