using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Inspection;

/// <summary>The view of a process on a real Consul, with real instances around it.</summary>
public sealed class RegisteredViewTests
{
    private const string Reads = """
        service_prefix "" { policy = "read" } node_prefix "" { policy = "read" } key_prefix "mesh/" { policy = "read" }
        service "web" { policy = "write" }
        """;

    [Fact]
    public async Task Mesh_OnConsul_TellsRegistrationStatesPanicAndRefusedTokens()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        using var operations = new ConsulClient(new ConsulClientOptions
        {
            Address = agent.Address.ToString(), Token = agent.ManagementToken,
        });
        await using var good = await HttpBackend.StartAsync();
        await using var other = await HttpBackend.StartAsync();
        await RegisterAsync(operations, "good", good.Port);
        await RegisterAsync(operations, "other", other.Port);
        await RegisterAsync(operations, "mended", 1);
        await operations.SetMaintenanceAsync("mended", enable: true, "tests", default);
        await RegisterAsync(operations, "dead", DeadPort());
        var token = await agent.CreateTokenAsync(Reads);
        await using var app = Build(agent, token);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("any");
        async Task CallAsync()
        {
            for (var i = 0; i < 40; i++)
            {
                (await client.GetAsync(new Uri("http://orders/"))).Dispose();
            }
        }

        // Registered, and every call answered although one of four listens nowhere.
        await CallAsync();
        var mesh = await MeshAsync(
            http, m => m.GetProperty("registration").GetProperty("state").GetString() == "registered");
        var registration = mesh.GetProperty("registration");
        Assert.Equal(1, mesh.GetProperty("requestsInFlight").GetInt32());
        Assert.Equal("web-1", registration.GetProperty("id").GetString());
        Assert.Equal("passing", registration.GetProperty("check").GetString());
        Assert.InRange(registration.GetProperty("heardSeconds").GetDouble(), 0, 30);
        Assert.InRange(mesh.GetProperty("consul").GetProperty("blockingQueries").GetInt32(), 1, 16);
        Assert.True(State(mesh, "dead") is
            ("suspect", MeshReasons.ConnectRefused) or ("ejected", MeshReasons.ConnectFailures));
        Assert.Equal(("maintenance", MeshReasons.Maintenance), State(mesh, "mended"));
        Assert.Equal("consul", Orders(mesh).GetProperty("discovery").GetProperty("source").GetString());
        Assert.Equal(1, Endpoint(mesh, "good").GetProperty("connections").GetInt32());

        // The only two that listen turn critical: they are used all the same, and that is said.
        foreach (var id in new[] { "good", "other" })
        {
            await operations.UpdateCheckAsync($"check-{id}", ConsulHealth.Critical, "tests", default);
        }

        mesh = await MeshAsync(http, m => Orders(m).GetProperty("panic").GetBoolean());
        Assert.Equal(("critical", MeshReasons.Critical), State(mesh, "good"));
        var explained = await http.GetStringAsync("/mesh/explain?url=http://orders/");
        Assert.Contains("PANIC", explained, StringComparison.Ordinal);
        Assert.Contains("in maintenance; never used", explained, StringComparison.Ordinal);

        // The token is gone: everything stays, and the reason is named.
        await agent.DeleteTokenAsync(token);
        await MeshAsync(http, m => m.GetProperty("registration").TryGetProperty("problem", out var problem)
            && problem.GetString()!.Contains("403", StringComparison.Ordinal));
        foreach (var id in new[] { "good", "other" })
        {
            // A query that waits is asked for its token only when it is made again.
            await operations.UpdateCheckAsync($"check-{id}", ConsulHealth.Passing, "tests", default);
        }

        mesh = await MeshAsync(http, m => m.GetProperty("consul").TryGetProperty("reason", out var reason)
            && reason.GetString() == MeshReasons.Acl);
        Assert.Equal(4, Orders(mesh).GetProperty("endpoints").GetArrayLength());
        Assert.True(mesh.GetProperty("registration").TryGetProperty("state", out _));
        Assert.DoesNotContain(token, mesh.GetRawText(), StringComparison.Ordinal);
        await CallAsync();
    }

    private static WebApplication Build(ConsulAgent agent, string token)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Consul:Address"] = agent.Address.ToString(),
            ["Mesh:Consul:Token"] = token,
            ["Mesh:Service"] = "web",
            ["Mesh:Instance"] = "web-1",
            ["Mesh:Snapshot:Enabled"] = "false",
            ["Mesh:Server:Heartbeat"] = "1s",
            ["Mesh:Server:DrainDelay"] = "0s",
        });
        builder.Services.AddMesh().AddServer();
        builder.Services.AddHttpClient("any");
        var app = builder.Build();
        app.MapMesh();
        return app;
    }

    private static Task RegisterAsync(ConsulClient consul, string id, int port) => consul.RegisterServiceAsync(
        new ServiceRegistration
        {
            Id = id,
            Name = "orders",
            Address = "127.0.0.1",
            Port = port,
            Checks =
            [
                new CheckRegistration
                {
                    CheckId = $"check-{id}",
                    Name = id,
                    Ttl = TimeSpan.FromMinutes(10),
                    InitialStatus = ConsulHealth.Passing,
                },
            ],
        },
        default);

    private static int DeadPort()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return ((System.Net.IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static async Task<JsonElement> MeshAsync(HttpClient http, Func<JsonElement, bool> condition)
    {
        var mesh = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                mesh = InspectedApp.Parse(await http.GetStringAsync("/mesh"));
                return condition(mesh);
            },
            "the view to show it",
            () => mesh.GetRawText());
        return mesh;
    }

    private static JsonElement Orders(JsonElement mesh) =>
        mesh.GetProperty("upstreams").EnumerateArray().Single(u => u.GetProperty("name").GetString() == "orders");

    private static JsonElement Endpoint(JsonElement mesh, string id) => Orders(mesh).GetProperty("endpoints")
        .EnumerateArray().Single(e => e.GetProperty("id").GetString()!.EndsWith(id, StringComparison.Ordinal));

    private static (string? State, string? Reason) State(JsonElement mesh, string id) =>
        (Endpoint(mesh, id).GetProperty("state").GetString(), Endpoint(mesh, id).GetProperty("reason").GetString());
}
