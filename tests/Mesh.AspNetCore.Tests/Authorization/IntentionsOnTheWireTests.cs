using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>Intentions of a real Consul, at the door of a real process, over real TLS.</summary>
public sealed class IntentionsOnTheWireTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Intention_DeniedThenAllowed_ActsOnOpenConnectionsWithinASecond_AndOnNobodyElse(string version)
    {
        await using var consul = await ConsulAgent.StartAsync();
        using var intentions = new ConsulIntentions(consul);
        await intentions.PutAsync("admin", "orders", allow: true);
        await using var app = await StartAsync(consul);
        using var web = app.Member("web", Version.Parse(version));
        using var admin = app.Member("admin", Version.Parse(version));
        var served = Served.Of(app);
        Assert.Equal(HttpStatusCode.OK, (await web.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/")).StatusCode);
        await KnownAsync(app);
        var connections = served.Connections;

        await intentions.PutAsync("web", "orders", allow: false);
        var late = await UntilAsync(web, HttpStatusCode.Forbidden);
        Assert.True(late <= Within, $"Denied after {late}.");
        var before = served.Requests;
        for (var i = 0; i < 100; i++)
        {
            using var denied = await web.GetAsync("/");
            Assert.Equal((HttpStatusCode.Forbidden, "intention"), (denied.StatusCode, Reason(denied)));
            Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/")).StatusCode);
        }

        // The application saw nothing of them, and every one came over a connection that was open before.
        Assert.Equal(before + 100, served.Requests);
        Assert.Equal(connections, served.Connections);

        await intentions.DeleteAsync("web", "orders");
        late = await UntilAsync(web, HttpStatusCode.OK);
        Assert.True(late <= Within, $"Allowed again after {late}.");
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await web.GetAsync("/")).StatusCode);
        }
    }

    [Fact]
    public async Task NoMatch_OfADefaultThatDenies_IsCounted_AndActsOnlyWhenEnforced()
    {
        await using var consul = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        using var intentions = new ConsulIntentions(consul);
        await intentions.PutAsync("admin", "orders", allow: true);
        await using var app = await StartAsync(consul);
        using var web = app.Member("web");
        using var admin = app.Member("admin");
        using var plain = app.Plain();
        plain.DefaultRequestHeaders.Add(MeshHeaders.Caller, "old");
        await KnownAsync(app, view => view.DefaultAllows == false);
        using var metrics = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());

        foreach (var client in new[] { web, admin, plain })
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        }

        var counted = app.Ledger().WouldBeDenied().Select(w => (w.Key.Caller, w.Key.Rule, w.Count)).Order();
        Assert.Equal([("old", "intention", 1), ("web", "intention", 1)], counted);
        Assert.Equal(1, metrics.Of(MeshTelemetry.InboundDecisions, "would_refuse intention intention web"));
        Assert.Equal(1, metrics.Of(MeshTelemetry.InboundDecisions, "would_refuse unidentified intention unidentified"));

        app.Intentions(RuleMode.Enforce);

        using (var denied = await web.GetAsync("/"))
        {
            Assert.Equal((HttpStatusCode.Forbidden, "intention"), (denied.StatusCode, Reason(denied)));
        }

        using (var denied = await plain.GetAsync("/"))
        {
            Assert.Equal((HttpStatusCode.Forbidden, "unidentified"), (denied.StatusCode, Reason(denied)));
        }

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Unidentified_UnderEnforce_CannotLeaveOutTheCertificateToGetPastADenial()
    {
        await using var consul = await ConsulAgent.StartAsync();
        using var intentions = new ConsulIntentions(consul);
        await intentions.PutAsync("web", "orders", allow: false);
        await using var app = await StartAsync(consul);
        using var plain = app.Plain();
        using var admin = app.Member("admin");
        await KnownAsync(app, view => view.DefaultAllows == true);

        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync("/")).StatusCode);
        Assert.Contains(app.Ledger().WouldBeDenied(), w => w.Key.Rule == "intention");

        app.Intentions(RuleMode.Enforce);

        Assert.Equal(HttpStatusCode.Forbidden, (await plain.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Consul_StoppedOrToldToForget_WhoWasDeniedStaysDenied_AndAfterARestartToo()
    {
        using var folder = new TemporaryFolder();
        await using var consul = await ConsulAgent.StartAsync();
        using var intentions = new ConsulIntentions(consul);
        await intentions.PutAsync("web", "orders", allow: false);
        await using (var app = await StartAsync(consul, folder.Path))
        {
            using var web = app.Member("web");
            await KnownAsync(app);
            Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync("/")).StatusCode);

            // In memory only: another agent with another history, and no intention at all.
            await consul.RestartAsync();
            await Eventually.TrueAsync(
                () => app.Log.Count(7205) + app.Log.Count(7211) > 0, "the loss to be noticed", app.Log.Text);
            Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync("/")).StatusCode);

            await consul.StopAsync();
            await Eventually.TrueAsync(() => app.Log.Count(7202) > 0, "Consul to be missed", app.Log.Text);
            Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync("/")).StatusCode);
        }

        await using (var app = await StartAsync(consul, folder.Path))
        {
            using var web = app.Member("web");
            using var other = app.Member("other");
            Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync("/")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/")).StatusCode);
        }
    }

    [Fact]
    public async Task Token_ThatMayNoLongerRead_KeepsWhatWasKnown_AndTheLogNamesTheRule()
    {
        await using var consul = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        using var intentions = new ConsulIntentions(consul);
        await intentions.PutAsync("web", "orders", allow: false);
        const string Rules = """
            service "orders" { policy = "write" }
            service_prefix "" { policy = "read" }
            """;
        var token = await consul.CreateTokenAsync(Rules);
        await using var app = await StartAsync(consul, token: token);
        using var web = app.Member("web");
        await KnownAsync(app);
        Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync("/")).StatusCode);

        await consul.UpdateTokenAsync(token, """service "orders" { policy = "write" intentions = "deny" }""");
        await intentions.PutAsync("somebody", "else", allow: true);

        await Eventually.TrueAsync(() => app.Log.Count(7203) > 0, "the refusal to be told", app.Log.Text);
        Assert.Contains("""service "orders" { policy = "read" intentions = "read" }""", app.Log.Text(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync("/")).StatusCode);

        await consul.UpdateTokenAsync(token, Rules);
        await intentions.DeleteAsync("web", "orders");
        await UntilAsync(web, HttpStatusCode.OK);
    }

    private static Task<DoorApp> StartAsync(ConsulAgent consul, string? folder = null, string? token = null) =>
        DoorApp.StartAsync(
            build: builder =>
            {
                builder.Services.AddSingleton<Served>();
                builder.Services.Configure<MeshOptions>(o =>
                {
                    o.Discovery.UseConsul = true;
                    o.Consul.Address = consul.Address.ToString();
                    o.Consul.Token = token ?? consul.ManagementToken;
                    o.Snapshot.Enabled = folder is not null;
                    o.Snapshot.Folder = folder;
                });
            },
            use: app => app.Run(context =>
            {
                app.Services.GetRequiredService<Served>().Count(context);
                return Task.CompletedTask;
            }));

    private static Task KnownAsync(DoorApp app, Func<IntentionView, bool>? and = null)
    {
        var gate = app.App.Services.GetRequiredService<AuthorizationGate>();
        return Eventually.TrueAsync(
            () => gate.Intentions is { DefaultAllows: not null, IsFromSnapshot: false } view &&
                and?.Invoke(view) != false,
            "the intentions to be known",
            app.Log.Text);
    }

    /// <summary>How long it takes until a status is answered.</summary>
    private static async Task<TimeSpan> UntilAsync(HttpClient client, HttpStatusCode status)
    {
        var watch = Stopwatch.StartNew();
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/");
                return answer.StatusCode == status;
            },
            $"{status}");
        return watch.Elapsed;
    }

    private static string? Reason(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(MeshHeaders.Reason, out var values) ? values.Single() : null;

    /// <summary>What reached the application.</summary>
    private sealed class Served
    {
        private readonly HashSet<string> _connections = [];
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        public int Connections
        {
            get
            {
                lock (_connections)
                {
                    return _connections.Count;
                }
            }
        }

        public static Served Of(DoorApp app) => app.App.Services.GetRequiredService<Served>();

        public void Count(HttpContext context)
        {
            Interlocked.Increment(ref _requests);
            lock (_connections)
            {
                _connections.Add(context.Connection.Id);
            }
        }
    }
}
