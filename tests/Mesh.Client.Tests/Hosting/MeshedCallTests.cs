using System.IO.Compression;
using System.Net;
using System.Text;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Hosting;

/// <summary>Calls through everything that <c>AddMesh()</c> puts together.</summary>
public sealed class MeshedCallTests
{
    [Fact]
    public async Task Call_ToAServiceInConsul_ReachesItsInstances()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var one = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "one" });
        await using var two = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "two" });
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() });
        foreach (var backend in new[] { one, two })
        {
            await consul.RegisterServiceAsync(
                new ServiceRegistration
                {
                    Id = backend.Name, Name = "orders", Address = "127.0.0.1", Port = backend.Port,
                },
                default);
        }

        await using var provider = Provider(options => options.Consul.Address = agent.Address.ToString());
        using var client = Client(provider);

        var answers = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            answers.Add(await client.GetStringAsync("http://orders.service.consul/"));
        }

        Assert.Equal(["one", "two"], answers.Order());
    }

    [Fact]
    public async Task Call_ToANameConsulNeverHeardOf_PassesToTheClientsOwnHandler()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var provider = Provider(
            options =>
            {
                options.Consul.Address = agent.Address.ToString();
                options.Upstreams["declared"] = new MeshUpstreamOptions();
            },
            services => services.AddHttpClient("c")
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { ConnectCallback = RefuseAsync }).AddMesh());
        using var client = Client(provider, "c");

        var passed = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://redis/"));
        var kept = await Assert.ThrowsAsync<MeshException>(() => client.GetAsync("http://declared/"));

        Assert.Equal("own handler", passed.InnerException?.Message);
        Assert.Equal("declared", kept.Service);

        static ValueTask<Stream> RefuseAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
            throw new IOException("own handler");
    }

    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task Call_OverHttps_StaysHttps(string version, string protocol)
    {
        using var authority = new WebAuthority();
        using var certificate = authority.Issue("orders");
        await using var backend = await HttpBackend.StartAsync(
            new HttpBackendOptions { Certificate = certificate, Protocols = HttpProtocols.Http1AndHttp2 });
        await using var provider = Provider(
            Static(backend),
            services => services.AddSingleton<ITransportFactory>(
                new SocketsTransportFactory(TimeProvider.System, new SeededRandom(1), propagator: null, meters: null)
                {
                    Trust = authority.Trust,
                }));
        using var client = Client(provider);
        client.DefaultRequestVersion = Version.Parse(version);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        using var response = await client.GetAsync("https://orders/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var request = Assert.Single(backend.Requests);
        Assert.Equal(("https", "orders", protocol), (request.Scheme, request.Host, request.Protocol));
    }

    [Fact]
    public async Task Call_OfClientsWithTheirOwnPrimary_KeepsDecompressionAndRedirects()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Respond(async context =>
        {
            if (context.Request.Path == "/old")
            {
                context.Response.Redirect("/new");
                return;
            }

            if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
            {
                context.Response.Headers.ContentEncoding = "gzip";
                await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
                await gzip.WriteAsync(Encoding.ASCII.GetBytes("squeezed"));
                return;
            }

            await context.Response.WriteAsync("plain");
        });
        await using var provider = Provider(Static(backend), services =>
        {
            services.AddHttpClient("squeezing").ConfigurePrimaryHttpMessageHandler(
                () => new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });
            services.AddHttpClient("staying").ConfigurePrimaryHttpMessageHandler(
                () => new HttpClientHandler { AllowAutoRedirect = false });
        });

        Assert.Equal("squeezed", await Client(provider, "squeezing").GetStringAsync("http://orders/old"));
        Assert.Equal("plain", await Client(provider).GetStringAsync("http://orders/old"));
        using var handedOut = await Client(provider, "staying").GetAsync("http://orders/old");
        Assert.Equal(HttpStatusCode.Found, handedOut.StatusCode);
    }

    [Fact]
    public async Task Call_WithTheFactorysLoggers_IsLoggedOnceByEach()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var log = new LogCollector();
        await using var provider = Provider(
            Static(backend), services => services.AddLogging(logging => logging.AddProvider(log)));

        await Client(provider, "c").GetStringAsync("http://orders/");

        Assert.Single(
            log.Entries, e => e.Category == "System.Net.Http.HttpClient.c.LogicalHandler" && e.Event.Id == 101);
        Assert.Single(
            log.Entries, e => e.Category == "System.Net.Http.HttpClient.c.ClientHandler" && e.Event.Id == 101);
    }

    [Fact]
    public async Task Provider_Disposed_EndsEverything()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var backend = await HttpBackend.StartAsync();
        var provider = Provider(options =>
        {
            options.Consul.Address = agent.Address.ToString();
            Static(backend)(options);
            options.Discovery.UseConsul = true;
        });
        await Client(provider).GetStringAsync("http://orders/");

        provider.Dispose(); // synchronously, as a console does

        Assert.Throws<ObjectDisposedException>(() => provider.GetRequiredService<IHttpClientFactory>());
    }

    private static Action<MeshOptions> Static(HttpBackend backend) => options =>
    {
        options.Discovery.UseConsul = false;
        options.Upstreams["orders"] = new MeshUpstreamOptions { Endpoints = { $"127.0.0.1:{backend.Port}" } };
    };

    private static ServiceProvider Provider(Action<MeshOptions> configure, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddMesh(options => options.Snapshot.Enabled = false);
        services.Configure(configure);
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }

    private static HttpClient Client(IServiceProvider provider, string name = "") =>
        provider.GetRequiredService<IHttpClientFactory>().CreateClient(name);
}
