using System.Net.Http.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.ConfigServer.Tests.Access;

/// <summary>
/// A desk and a service, both with certificates of a real Consul, and nobody told anybody where the other is.
/// </summary>
public sealed class VerifiedDeskTests
{
    private const string Token = "a-token-of-24-characters";

    [Fact]
    public async Task Service_FindsTheDesk_VerifiesIt_ReportsAndObeys()
    {
        await using var consul = await ConsulAgent.StartAsync(new ConsulAgentOptions { Connect = true });
        await using var desk = await TestDesk.StartAsync(consul.Address, [$"Desk:Token={Token}"]);
        desk.Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await desk.ReadyAsync();
        await desk.PutAsync("security/services/mesh-desk", """
            { "schema": 1, "inbound": { "authorization": { "otherwise": "allow", "rules": [
              { "name": "no-strangers", "action": "deny", "callers": ["stranger"] } ] } } }
            """);
        await using var service = await ServiceAsync("web", consul.Address, desk.Mesh);

        // Its report can only have come over TLS: without the token, members alone are let in.
        ClientReport? report = null;
        await Eventually.TrueAsync(
            async () => (report = (await desk.Http.GetFromJsonAsync("/v1/clients", MeshWireJson.Default.ClientListWire))!
                .Clients.Select(c => c.Report).FirstOrDefault(r => r.Service == "web" && r.Source == PolicySource.Desk)) is not null,
            "the report of web, which lives by the desk", desk.Log.Text);
        await Eventually.TrueAsync(
            async () => await desk.Http.GetStringAsync("/v1/doors") is var doors &&
                doors.Contains("\"service\":\"web\"", StringComparison.Ordinal) &&
                doors.Contains("\"identified\":1", StringComparison.Ordinal),
            "web's door", desk.Log.Text);

        await desk.PutAsync("security/services/web", """{ "schema": 1, "inbound": { "tls": "strict" } }""");
        using var plain = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
        await Eventually.TrueAsync(
            async () => (await plain.GetAsync("/")).StatusCode == System.Net.HttpStatusCode.Forbidden, "strict to act",
            desk.Log.Text);
    }

    private static async Task<WebApplication> ServiceAsync(string name, Uri consul, string mesh)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMesh(options =>
        {
            (options.Service, options.Name) = (name, mesh);
            options.Consul.Address = consul.ToString();
            options.Snapshot.Enabled = false;
        }).AddServer(server => server.DrainDelay = TimeSpan.Zero);
        var app = builder.Build();
        app.MapGet("/", () => "hello");
        await app.StartAsync();
        return app;
    }
}
