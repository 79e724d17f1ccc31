using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Consul;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Registering;

/// <summary>What Consul hears of the door, and what Consul's own checks see of it.</summary>
[Collection(ConsulCollection.Name)]
public sealed class TlsRegistrationTests(ConsulCollection.Agent agent)
{
    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task MetadataFollows_TheIdentityAndTheMode()
    {
        using var authority = new TestAuthority("0f6a.consul");
        var identity = new CurrentIdentity();
        identity.Set(null);
        await using var app = await MeshedApp.StartAsync(_consul, identity: identity);
        var policy = app.App.Services.GetRequiredService<OwnPolicy>();
        Assert.False((await app.RegisteredAsync()).Service.Meta.ContainsKey(MeshMetadata.Tls));
        Assert.Empty(await NativeAsync(app));

        identity.Set(Identities.Of(authority, app.Self.Service));
        await TlsIsAsync(app, "permissive", "http1,http2");
        Assert.Single(await NativeAsync(app));

        policy.Demand(InboundTls.Strict);
        await TlsIsAsync(app, "strict", "http1,http2");

        policy.Demand(InboundTls.Off);
        await TlsIsAsync(app, null, "http1");
        await Eventually.TrueAsync(async () => (await NativeAsync(app)).Count == 0, "no native instance");
        Assert.Equal(3, app.Log.Count(7021));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http1")]
    [InlineData(HttpProtocols.Http2, "http2")]
    public async Task Protocols_AreThoseOverTls_AndOthersAuthorityIsNoConnect(HttpProtocols set, string registered)
    {
        using var authority = new TestAuthority();
        var identity = new CurrentIdentity();
        identity.Set(Identities.Of(authority, "orders"));
        await using var app = await MeshedApp.StartAsync(_consul, identity: identity, build: b =>
            b.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = set)));

        await TlsIsAsync(app, "permissive", registered);

        Assert.Empty(await NativeAsync(app));
    }

    [Fact]
    public async Task FirstRegistration_WaitsForTheCertificate()
    {
        using var authority = new TestAuthority();
        var identity = new CurrentIdentity();
        await using var app = await MeshedApp.StartAsync(_consul, identity: identity);
        await Task.Yield();
        Assert.Null(await app.FindAsync());

        identity.Set(Identities.Of(authority, "orders"));

        Assert.Equal("permissive", (await app.RegisteredAsync()).Service.Meta[MeshMetadata.Tls]);
        Assert.Equal(0, app.Log.Count(7021));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConsulsHttpCheck_UnderStrict_PassesAtAPlainPortOnly(bool plain)
    {
        using var authority = new TestAuthority();
        var identity = new CurrentIdentity();
        identity.Set(Identities.Of(authority, "orders"));
        var healthy = new Healthy();
        var ports = Ports.Free(2);
        await using var app = MeshedApp.Create(
            _consul,
            o =>
            {
                o.Check = MeshCheckKind.Http;
                o.CheckInterval = TimeSpan.FromSeconds(1);
                if (plain)
                {
                    o.PlainPorts.Add(ports[1]);
                }
            },
            b =>
            {
                b.WebHost.UseUrls($"http://127.0.0.1:{ports[0]}", $"http://127.0.0.1:{ports[1]}");
                b.Services.AddSingleton<IStartupFilter>(healthy);
            },
            identity: identity);
        app.App.Services.GetRequiredService<OwnPolicy>().Demand(InboundTls.Strict);
        await app.App.StartAsync();

        Assert.Equal(ports[0], (await app.RegisteredAsync()).Service.Port);
        if (plain)
        {
            // Two answers: by the second, Consul has drawn its conclusion from the first.
            await Eventually.TrueAsync(() => healthy.Answers >= 2, "requests of the agent", app.Log.Text);
            Assert.Equal(ConsulHealth.Passing, (await CheckAsync(app)).Status);
        }
        else
        {
            await app.HealthAsync(ConsulHealth.Critical);
            Assert.Contains("403", (await CheckAsync(app)).Output, StringComparison.Ordinal);
            Assert.Equal(1, app.Log.Count(7020));
        }
    }

    private static async Task<ConsulCheck> CheckAsync(MeshedApp app) =>
        (await app.FindAsync())!.Checks.Single(c => c.ServiceId == app.Self.Instance);

    private static Task TlsIsAsync(MeshedApp app, string? tls, string protocols) => Eventually.TrueAsync(
        async () => await app.FindAsync() is { } found &&
                    found.Service.Meta.GetValueOrDefault(MeshMetadata.Tls) == tls &&
                    found.Service.Meta[MeshMetadata.Protocols] == protocols,
        $"mesh-tls {tls}, {protocols}", app.Log.Text);

    /// <summary>What a proxy of Consul Connect would dial.</summary>
    private async Task<IReadOnlyList<string>> NativeAsync(MeshedApp app)
    {
        using var http = new HttpClient { BaseAddress = _consul };
        var found = InspectedApp.Parse(await http.GetStringAsync($"/v1/health/connect/{app.Self.Service}"));
        return [.. found.EnumerateArray().Select(s => s.GetProperty("Service").GetProperty("ID").GetString()!)];
    }

    private sealed class Healthy : IStartupFilter
    {
        private int _answers;

        public int Answers => Volatile.Read(ref _answers);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => app.Run(context =>
        {
            Interlocked.Increment(ref _answers);
            return context.Response.WriteAsync("well");
        });
    }
}
