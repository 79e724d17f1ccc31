using System.Net;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.ServiceDiscovery.Http;

namespace Mesh.Client.Tests.Hosting;

/// <summary>
/// Calls through handlers of other packages, outside of the mesh. They have the names of the real ones, by which the mesh
/// knows them, and do what those do by default.
/// </summary>
public sealed class ForeignHandlerTests
{
    [Fact]
    public async Task RetriesOfAResilienceHandler_AreNotMultiplied()
    {
        await using var bad = await HttpBackend.StartAsync();
        bad.Respond(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var provider = Provider(() => new Retrying(), bad.Port);

        using var response = await Client(provider).GetAsync("http://orders/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1 + Retrying.Retries, bad.RequestCount);
    }

    [Fact]
    public async Task ResilienceHandler_AnotherEndpointIsTriedByTheMesh_AndNoPostIsExecutedTwice()
    {
        await using var good = await HttpBackend.StartAsync();
        await using var provider = Provider(() => new Retrying(), 1, good.Port);
        var client = Client(provider);

        for (var i = 0; i < 10; i++)
        {
            using var response = await client.PostAsync("http://orders/", new StringContent("once"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(10, good.RequestCount);
    }

    [Fact]
    public async Task DiscoveryOfOthers_ThatKnowsTheName_GoesWhereItSays_AndElseTheMeshIsAsked()
    {
        await using var ours = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "ours" });
        await using var theirs = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "theirs" });
        await using var knowing = Provider(() => new Resolving(theirs.Address), ours.Port);
        await using var unknowing = Provider(() => new Resolving(null), ours.Port);

        Assert.Equal("theirs", await Client(knowing).GetStringAsync("http://orders/"));
        Assert.Equal("ours", await Client(unknowing).GetStringAsync("http://orders/"));
    }

    private static HttpClient Client(ServiceProvider provider) =>
        provider.GetRequiredService<IHttpClientFactory>().CreateClient("c");

    private static ServiceProvider Provider(Func<DelegatingHandler> handler, params int[] ports)
    {
        var services = new ServiceCollection();
        services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            var orders = new MeshUpstreamOptions();
            foreach (var port in ports)
            {
                orders.Endpoints.Add($"127.0.0.1:{port}");
            }

            options.Upstreams["orders"] = orders;
        });
        services.AddHttpClient("c").AddHttpMessageHandler(handler);
        return services.BuildServiceProvider();
    }

    /// <summary>Sends the same message again, whatever its method, as the standard handler does.</summary>
    private sealed class Retrying : ResilienceHandler
    {
        public const int Retries = 3;

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            for (var retry = 0; ; retry++)
            {
                var response = await base.SendAsync(request, cancellationToken);
                if ((int)response.StatusCode < 500 || retry == Retries)
                {
                    return response;
                }

                response.Dispose();
            }
        }
    }

    /// <summary>Puts an address in the place of the name when it has one, and takes it back.</summary>
    private sealed class Resolving(Uri? address) : ResolvingHttpDelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = request.RequestUri;
            request.RequestUri = address ?? asked;
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                request.RequestUri = asked;
            }
        }
    }
}
