using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>One port speaks TLS of the mesh and plaintext, however the endpoint came about.</summary>
public sealed class OnePortTests
{
    [Fact]
    public async Task Permissive_SpeaksBoth_OnTheSamePort()
    {
        await using var app = await DoorApp.StartAsync();

        Assert.Equal("https HTTP/2 web", await app.Member("web", HttpVersion.Version20).GetStringAsync("/"));
        Assert.Equal("https HTTP/1.1 web", await app.Member("web").GetStringAsync("/"));
        Assert.Equal("http HTTP/1.1 nobody", await app.Plain().GetStringAsync("/"));
        Assert.Equal("https HTTP/1.1 nobody", await app.Caller().GetStringAsync("/"));
        Assert.Equal("http", app.Urls.Single().Scheme);
    }

    [Fact]
    public async Task Off_SpeaksPlaintextOnly()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Off);

        Assert.Equal("http HTTP/1.1 nobody", await app.Plain().GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member().GetStringAsync("/"));
    }

    [Fact]
    public async Task Http2OnlyEndpoint_SpeaksHttp2_InPlaintextAndOverTls()
    {
        await using var app = await DoorApp.StartAsync(build: b => b.WebHost.ConfigureKestrel(
            k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2)));

        Assert.Equal("http HTTP/2 nobody", await app.Plain(HttpVersion.Version20).GetStringAsync("/"));
        Assert.Equal("https HTTP/2 web", await app.Member("web", HttpVersion.Version20).GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member().GetStringAsync("/"));
    }

    [Fact]
    public async Task Http1OnlyEndpoint_StaysSo()
    {
        await using var app = await DoorApp.StartAsync(build: b => b.WebHost.ConfigureKestrel(
            k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http1)));

        Assert.Equal("https HTTP/1.1 web", await app.Member().GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(
            () => app.Member("web", HttpVersion.Version20).GetStringAsync("/"));
    }
}
