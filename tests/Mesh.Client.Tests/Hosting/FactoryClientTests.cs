using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Client.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Steeltoe.Discovery.HttpClients;

namespace Mesh.Client.Tests.Hosting;

public sealed class FactoryClientTests
{
    private const int NotMeshed = 6000;
    private const int RetriesOff = 6001;

    public static TheoryData<string> Obstacles => [.. Primaries.Keys];

    private static readonly Dictionary<string, Func<HttpMessageHandler>> Primaries = new()
    {
        ["another kind"] = () => new StubHandler(),
        ["a derived HttpClientHandler"] = () => new DerivedHandler(),
        ["ConnectCallback"] = () => new SocketsHttpHandler { ConnectCallback = (_, _) => default },
        ["PlaintextStreamFilter"] = () => new SocketsHttpHandler { PlaintextStreamFilter = (_, _) => default },
        ["header encoding"] = () => new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 },
        ["Credentials"] = () => new SocketsHttpHandler { Credentials = new NetworkCredential("u", "p") },
        ["Proxy"] = () => new SocketsHttpHandler { Proxy = new WebProxy("http://proxy:8080") },
        ["certificates"] = () => new SocketsHttpHandler { SslOptions = { ClientCertificates = [Certificate()] } },
        ["certificate callback"] = () => new SocketsHttpHandler
        {
            SslOptions = { LocalCertificateSelectionCallback = (_, _, _, _, _) => Certificate() },
        },
        ["server validation"] = () => new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        },
        ["Credentials, old"] = () => new HttpClientHandler { Credentials = new NetworkCredential("u", "p") },
        ["default credentials, old"] = () => new HttpClientHandler { UseDefaultCredentials = true },
        ["Proxy, old"] = () => new HttpClientHandler { Proxy = new WebProxy("http://proxy:8080") },
        ["certificates, old"] = () => new HttpClientHandler { ClientCertificates = { Certificate() } },
        ["automatic certificates, old"] =
            () => new HttpClientHandler { ClientCertificateOptions = ClientCertificateOption.Automatic },
        ["server validation, old"] =
            () => new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true },
    };

    [Fact]
    public void EveryClient_WithoutAnythingSpecial_IsMeshedWithoutWarning()
    {
        using var chain = new ClientChain(services =>
        {
            services.AddHttpClient("before");
            services.AddMesh();
            services.AddHttpClient("after");
            services.AddHttpClient("old").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler());
        });

        Assert.NotNull(chain.Mesh("before"));
        Assert.NotNull(chain.Mesh("after"));
        Assert.NotNull(chain.Mesh("old"));
        Assert.NotNull(chain.Mesh("never mentioned"));
        Assert.NotNull(chain.Mesh(""));
        Assert.Equal("after", chain.Settings("after").Name);
        Assert.Empty(chain.Log.Of(NotMeshed));
    }

    [Fact]
    public void MeshHandler_AmongOtherHandlers_StandsNextToThePrimary()
    {
        using var chain = new ClientChain(services =>
        {
            services.AddHttpClient("c").AddHttpMessageHandler(() => new AuthHandler());
            services.AddMesh();
            services.ConfigureHttpClientDefaults(defaults => defaults.AddHttpMessageHandler(() => new TraceHandler()));
        });

        // The loggers and the application's handlers see each call once, as they did without the mesh.
        Assert.Equal(
            [
                "LifetimeTrackingHttpMessageHandler", "LoggingScopeHttpMessageHandler", "TraceHandler", "AuthHandler",
                "LoggingHttpMessageHandler", "MeshHandler", "SocketsHttpHandler",
            ],
            chain.Handlers("c").Select(h => h.GetType().Name));
    }

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void Client_WithPrimaryTheMeshCannotHonour_IsNotMeshedAndNamedOnce(string what)
    {
        var primary = Primaries[what];
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("odd").ConfigurePrimaryHttpMessageHandler(primary);
            services.AddHttpClient("forced").ConfigurePrimaryHttpMessageHandler(primary).AddMesh();
            services.AddHttpClient("removed").ConfigurePrimaryHttpMessageHandler(primary).RemoveMesh();
        });

        Assert.Null(chain.Mesh("odd"));
        Assert.Null(chain.Mesh("removed"));
        Assert.NotNull(chain.Mesh("forced"));
        Assert.Contains("'odd'", Assert.Single(chain.Log.Of(NotMeshed)));
    }

    [Fact]
    public void Warning_WhenTheFactoryBuildsTheClientAgain_IsNotRepeated()
    {
        using var chain = new ClientChain(services => services.AddMesh());
        var filter = chain.Services.GetServices<IHttpMessageHandlerBuilderFilter>().First();
        for (var i = 0; i < 3; i++)
        {
            var builder = chain.Services.GetRequiredService<HttpMessageHandlerBuilder>();
            builder.Name = "odd";
            filter.Configure(b => b.PrimaryHandler = new StubHandler())(builder);
        }

        Assert.Single(chain.Log.Of(NotMeshed));
    }

    [Fact]
    public async Task Client_OverTestServer_ReachesTheTestServer()
    {
        var web = WebApplication.CreateBuilder();
        web.WebHost.UseTestServer();
        await using var app = web.Build();
        app.MapGet("/", () => "from the test server");
        await app.StartAsync();
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("orders").ConfigurePrimaryHttpMessageHandler(() => app.GetTestServer().CreateHandler());
        });

        using var client = chain.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

        Assert.Equal("from the test server", await client.GetStringAsync("http://orders/"));
    }

    [Fact]
    public void RemoveMesh_InTheDefaults_YieldsToWhatAClientSaysOfItself()
    {
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("wanted").AddMesh();
            services.ConfigureHttpClientDefaults(defaults => defaults.RemoveMesh());
        });

        Assert.Null(chain.Mesh("other"));
        Assert.NotNull(chain.Mesh("wanted"));
        Assert.Empty(chain.Log.Of(NotMeshed));
    }

    [Fact]
    public void AddMesh_OnOneClientOnly_AddsTheMesh()
    {
        using var chain = new ClientChain(services => services.AddHttpClient("wanted").AddMesh());

        Assert.NotNull(chain.Mesh("wanted"));
    }

    [Fact]
    public void RemoveMesh_WithoutTheMesh_IsHarmless()
    {
        using var chain = new ClientChain(services => services.AddHttpClient("c").RemoveMesh());

        Assert.Null(chain.Mesh("c"));
    }

    [Fact]
    public void Settings_OfThePrimary_AreHonoured()
    {
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("plain");
            services.AddHttpClient("sockets").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Brotli,
                AllowAutoRedirect = false,
                MaxResponseHeadersLength = 8,
            });
            services.AddHttpClient("old").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler
            {
                AutomaticDecompression = DecompressionMethods.All,
                MaxAutomaticRedirections = 3,
                MaxResponseHeadersLength = 16,
            });
        });

        var plain = chain.Settings("plain");
        Assert.Same(ClientProfile.Default, plain.Profile);
        Assert.Equal(50, plain.MaxRedirects);
        Assert.False(plain.RetriesOff);

        var sockets = chain.Settings("sockets");
        Assert.Equal(DecompressionMethods.GZip | DecompressionMethods.Brotli, sockets.Profile.Decompression);
        Assert.Equal(8, sockets.Profile.MaxResponseHeadersLength);
        Assert.Equal(0, sockets.MaxRedirects);

        var old = chain.Settings("old");
        Assert.Equal(DecompressionMethods.All, old.Profile.Decompression);
        Assert.Equal(16, old.Profile.MaxResponseHeadersLength);
        Assert.Equal(3, old.MaxRedirects);
    }

    [Theory]
    [InlineData("resilience")]
    [InlineData("polly")]
    [InlineData("derived from polly")]
    [InlineData("discovery")]
    [InlineData("steeltoe")]
    public void ForeignHandler_OutsideOfTheMesh_TurnsRetriesOffWithOneWarning(string kind)
    {
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("retried").AddHttpMessageHandler(() => kind switch
            {
                "resilience" => new ResilienceHandler(),
                "polly" => new PolicyHttpMessageHandler(),
                "discovery" => new ResolvingHttpDelegatingHandler(),
                "steeltoe" => new DiscoveryHttpDelegatingHandler(),
                _ => new DerivedPolicyHandler(),
            });
            services.AddHttpClient("own").AddHttpMessageHandler(() => new AuthHandler());
        });

        Assert.True(chain.Settings("retried").RetriesOff);
        Assert.False(chain.Settings("own").RetriesOff);
        Assert.Contains("'retried'", Assert.Single(chain.Log.Of(RetriesOff)));
    }

    [Fact]
    public void Client_WithTheMesh_KeepsItsTimeoutAndHandlerLifetime()
    {
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("c", c => c.Timeout = TimeSpan.FromSeconds(7)).SetHandlerLifetime(TimeSpan.FromMinutes(9));
        });
        var factory = chain.Services.GetRequiredService<IHttpClientFactory>();
        var options = chain.Services.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>();

        Assert.Equal(TimeSpan.FromSeconds(7), factory.CreateClient("c").Timeout);
        Assert.Equal(TimeSpan.FromSeconds(100), factory.CreateClient("other").Timeout);
        Assert.Equal(TimeSpan.FromMinutes(9), options.Get("c").HandlerLifetime);
        Assert.Equal(TimeSpan.FromMinutes(2), options.Get("other").HandlerLifetime);
        Assert.NotNull(chain.Mesh("c"));
    }

    [Fact]
    public void GrpcBalancer_OfEveryMeshedClient_IsOff()
    {
        using var chain = new ClientChain(services =>
        {
            services.AddMesh();
            services.AddHttpClient("grpc").ConfigurePrimaryHttpMessageHandler(
                () => new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
            services.AddHttpClient("own balancer").RemoveMesh();
        });

        Assert.Equal(true, GrpcBalancerFlag(chain.Handlers("any")[^1]));
        Assert.Equal(true, GrpcBalancerFlag(chain.Handlers("grpc")[^1]));
        Assert.Null(GrpcBalancerFlag(chain.Handlers("own balancer")[^1]));
    }

    internal static object? GrpcBalancerFlag(HttpMessageHandler primary) => Assert.IsType<SocketsHttpHandler>(primary)
        .Properties.TryGetValue("__GrpcLoadBalancingDisabled", out var flag) ? flag : null;

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create();
        return new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private sealed class AuthHandler : DelegatingHandler;

    private sealed class TraceHandler : DelegatingHandler;

    private sealed class DerivedPolicyHandler : PolicyHttpMessageHandler;

    private sealed class DerivedHandler : HttpClientHandler;

    private sealed class StubHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage());
    }
}
