using System.Net;
using Mesh.AspNetCore;
using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Security;

/// <summary>Our strict service, called by what knows nothing of the mesh through Consul's own proxy.</summary>
public sealed class ConnectClientTests(ITestOutputHelper output)
{
    [Fact]
    public Task ProxyOfConsulConnect_FindsAStrictService_AndIsWhoItStandsFor() => Scenario.RunAsync(
        output,
        async scenario =>
        {
            await scenario.Operator.PutSecurityAsync("orders", """{ "schema": 1, "inbound": { "tls": "strict" } }""");
            await scenario.Operator.PutIntentionAsync("legacy", "orders", allow: true);
            await using var orders = await StartOrdersAsync(scenario);
            var url = new Uri(orders.Urls.Single());

            // Curl without a proxy is told why it may not.
            using var curl = new HttpClient();
            await Eventually.TrueAsync(
                async () => (await curl.GetAsync(url)).StatusCode == HttpStatusCode.Forbidden, "strict to act");
            using var refused = await curl.GetAsync(url);
            Assert.Equal(MeshReasons.Plaintext, refused.Headers.GetValues(MeshHeaders.Reason).Single());

            // With one it gets an answer, and counts as the service that the proxy stands for.
            var port = Ports.Next();
            await scenario.StartConnectProxyAsync("-service", "legacy", "-upstream", $"orders:{port}");
            using var legacy = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.TrueAsync(async () => await AskAsync(legacy) is not null, "an answer through the proxy");
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("https HTTP/1.1 legacy", await AskAsync(legacy));
            }

            // gRPC, too: the proxy hands on bytes and negotiates nothing.
            using var request = new HttpRequestMessage(HttpMethod.Get, "/")
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var answer = await legacy.SendAsync(request);
            Assert.Equal("https HTTP/2 legacy", await answer.Content.ReadAsStringAsync());
            scenario.Figure("answeredThroughTheProxy", 21);

            // It stands under the same intentions as members do, on the connection that it has.
            await scenario.Operator.PutIntentionAsync("legacy", "orders", allow: false);
            var denied = await Eventually.TrueAsync(
                async () => (await legacy.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden, "the denial to act");
            using var forbidden = await legacy.GetAsync("/");
            Assert.Equal(MeshReasons.Intention, forbidden.Headers.GetValues(MeshHeaders.Reason).Single());
            scenario.Figure("deniedAfterSeconds", denied.TotalSeconds);
        },
        new ConsulAgentOptions { Connect = true });

    private static async Task<string?> AskAsync(HttpClient client)
    {
        try
        {
            return await client.GetStringAsync("/");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<WebApplication> StartOrdersAsync(Scenario scenario)
    {
        var token = await scenario.TokenAsync(TokenRules.Service("orders"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddMesh(o =>
        {
            o.Service = "orders";
            o.Consul.Address = scenario.Consul.Address.ToString();
            o.Consul.Token = token;
            o.Snapshot.Enabled = false;
        }).AddServer(o => o.DrainDelay = TimeSpan.Zero);
        var app = builder.Build();
        app.Run(c => c.Response.WriteAsync(
            $"{c.Request.Scheme} {c.Request.Protocol} {c.Features.Get<IMeshPeerFeature>()?.Service}"));
        await app.StartAsync();
        return app;
    }
}
