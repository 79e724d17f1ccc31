using Mesh.AspNetCore.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;

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

    [Fact]
    public async Task ConsulDown_AtStart_IsAdoptedWhenItComes()
    {
        await using var own = await ConsulAgent.StartAsync();
        await own.StopAsync();
        await using var app = await StartAsync(consul: own.Address);
        await Eventually.TrueAsync(() => app.Log.Count(7001) == 1, "word of Consul being down", app.Log.Text);

        await own.RestartAsync();
        await app.Consul.RegisterServiceAsync(Registration("late", app.Self.Service, app.Port()), CancellationToken.None);

        await Eventually.TrueAsync(() => app.Log.Count(7011) == 1, "the adoption", app.Log.Text);
        Assert.Equal(1, app.Log.Count(7002));
        await app.App.StopAsync();
        Assert.Contains((await app.FindAsync())!.Checks, IsMaintenance);
    }

    [Fact]
    public async Task ConsulDown_AtStop_IsSaidAndBounded()
    {
        await using var own = await ConsulAgent.StartAsync();
        await using var app = await StartAsync(
            o => o.DeregisterTimeout = TimeSpan.FromMilliseconds(300), consul: own.Address);
        await app.Consul.RegisterServiceAsync(Registration("left", app.Self.Service, app.Port()), CancellationToken.None);
        await Eventually.TrueAsync(() => app.Log.Count(7011) == 1, "the adoption", app.Log.Text);
        own.Pause();

        await app.App.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));

        own.Resume();
        Assert.Equal(1, app.Log.Count(7014));
        Assert.Contains("did not answer within", app.Log.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenThatMayNotSetMaintenance_IsSaid_AndTheProcessServesAndStops()
    {
        await using var own = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        const string service = "guarded";
        using var management = new ConsulClient(
            new ConsulClientOptions { Address = own.Address.ToString(), Token = own.ManagementToken });
        var token = await own.CreateTokenAsync($$"""
            service "{{service}}" { policy = "read" }
            node_prefix "" { policy = "read" }
            """);
        await using var app = await MeshedApp.StartAsync(
            own.Address, o => o.Registration = MeshRegistration.External, service: service, token: token);
        await management.RegisterServiceAsync(Registration("theirs", service, app.Port()), CancellationToken.None);
        await Eventually.TrueAsync(() => app.Log.Count(7011) == 1, "the adoption", app.Log.Text);
        using (var http = new HttpClient { BaseAddress = app.Url })
        using (var answer = await http.GetAsync("/"))
        {
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        }

        await app.App.StopAsync();

        Assert.Equal(1, app.Log.Count(7014));
        Assert.Contains("Permission denied", app.Log.Text(), StringComparison.Ordinal);
        var left = await management.GetServiceHealthAsync(service, ConsulQuery.None, CancellationToken.None);
        Assert.DoesNotContain(Assert.Single(left.Value).Checks, IsMaintenance);
    }

    private static bool IsMaintenance(ConsulCheck check) =>
        check.CheckId.StartsWith(ConsulCheck.ServiceMaintenancePrefix, StringComparison.Ordinal);

    private Task<MeshedApp> StartAsync(
        Action<MeshServerOptions>? configure = null, string? service = null, Uri? consul = null) =>
        MeshedApp.StartAsync(consul ?? _consul, o =>
        {
            o.Registration = MeshRegistration.External;
            configure?.Invoke(o);
        }, service: service);

    private Task RegisterAsync(string id, MeshedApp app, CheckRegistration? check = null) =>
        RegisterAsync(id, app.Self.Service, app.Port(), check);

    private Task RegisterAsync(string id, string service, int port, CheckRegistration? check = null) =>
        _operator.RegisterServiceAsync(Registration(id, service, port, check), CancellationToken.None);

    private static ServiceRegistration Registration(
        string id, string service, int port, CheckRegistration? check = null) => new()
    {
        Id = id,
        Name = service,
        Address = "127.0.0.1",
        Port = port,
        Checks = check is null ? [] : [check],
    };

    private async Task<ServiceHealth> FindAsync(MeshedApp app) =>
        Assert.Single((await _operator.GetServiceHealthAsync(app.Self.Service, ConsulQuery.None, CancellationToken.None)).Value);
}
