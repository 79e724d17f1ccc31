using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Limits;

/// <summary>By which ways into a process limits are passed, and by which not.</summary>
public sealed class LimitExemptionTests
{
    [Fact]
    public async Task OwnHttps_IsLimited_PlainPortsAreNot()
    {
        using var own = OwnCertificate.Create();
        var ports = Ports.Free(3);
        await using var app = await DoorApp.StartAsync(urls: null, build: b =>
        {
            b.Services.Configure<MeshServerOptions>(o => o.PlainPorts.Add(ports[2]));
            b.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k =>
            {
                k.ListenLocalhost(ports[0]);
                k.ListenLocalhost(ports[1], l => l.UseHttps(own));
                k.ListenLocalhost(ports[2]);
            });
        });
        app.Policy.Put(new InboundPolicy
        {
            Rates = [new RateRule { Name = "all", Permits = 1, Window = TimeSpan.FromMinutes(10), Burst = 1 }],
        });

        var (plain, https, exempt) = (app.Plain(port: ports[0]), app.Caller(port: ports[1]), app.Plain(port: ports[2]));

        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await plain.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await https.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await exempt.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync("/healthz")).StatusCode);
    }
}
