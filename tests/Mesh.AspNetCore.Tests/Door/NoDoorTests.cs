using System.Net;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>
/// Endpoints that could not be given the door: nothing is let in that should not be, and somebody says so.
/// </summary>
public sealed class NoDoorTests
{
    [Theory]
    [InlineData(nameof(IKestrelMembers.EndpointDefaults))]
    [InlineData(nameof(IKestrelMembers.CodeBacked))]
    [InlineData(nameof(IKestrelMembers.ConfigurationBacked))]
    [InlineData(nameof(IKestrelMembers.IsTls))]
    public async Task KestrelThatHasChanged_StillServes_AndStrictShutsIt(string missing)
    {
        var ports = Ports.Free(3);
        using var own = OwnCertificate.Create();
        await using var app = await DoorApp.StartAsync(
            urls: null,
            build: b =>
            {
                b.Services.AddSingleton<IKestrelMembers>(new Changed(missing));
                b.Services.Configure<MeshServerOptions>(o => o.PlainPorts.Add(ports[1]));
                b.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k =>
                {
                    k.ListenLocalhost(ports[0]);
                    k.ListenLocalhost(ports[1]);
                    k.ListenLocalhost(ports[2], l => l.UseHttps(own));
                });
            });
        var (plain, exempt, https) = (app.Plain(port: ports[0]), app.Plain(port: ports[1]), app.Caller(port: ports[2]));

        Assert.Contains(missing, Assert.Single(app.Log.Lines, l => l.Id.Id == 7042).Text, StringComparison.Ordinal);
        Assert.Equal("http HTTP/1.1 nobody", await plain.GetStringAsync("/"));
        Assert.Equal("https HTTP/1.1 nobody", await https.GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member(port: ports[0]).GetStringAsync("/"));

        app.Demand(InboundTls.Strict);

        foreach (var client in (HttpClient[])[plain, https])
        {
            using var refused = await client.GetAsync("/");
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Equal(MeshReasons.Plaintext, refused.Headers.GetValues(MeshHeaders.Reason).Single());
        }

        Assert.Equal("http HTTP/1.1 nobody", await exempt.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("1.1", "http")]
    [InlineData("2.0", "http")]
    [InlineData("2.0", "https")]
    public async Task EndpointDefaultsThatReplaceTheDoor_LetInNobodyUnderStrict(string version, string scheme)
    {
        await using var app = await DoorApp.StartAsync(build: b => b.Services.PostConfigure<KestrelServerOptions>(
            k => k.ConfigureEndpointDefaults(
                e => e.Protocols = version == "1.1" ? HttpProtocols.Http1 : HttpProtocols.Http2)));
        var plain = app.Plain(Version.Parse(version));
        Assert.Equal($"http HTTP/{(version == "1.1" ? version : "2")} nobody", await plain.GetStringAsync("/"));
        if (scheme == "https")
        {
            await using var connection = await RawConnection.OpenAsync(app.Port);
            await connection.BeginHttp2Async();
            await connection.SendFrameAsync(type: 1, flags: 5, stream: 1, 0x82, 0x87, 0x41, 1, (byte)'a', 0x84);
            Assert.NotEqual(0x88, (await connection.ReadUntilAsync(1))[0]); // Not from a scheme that nothing proves.
        }

        app.Demand(InboundTls.Strict);

        using var refused = await plain.GetAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains(
            "PostConfigure", Assert.Single(app.Log.Lines, l => l.Id.Id == 7047).Text, StringComparison.Ordinal);
    }

    /// <summary>A later version of Kestrel, in which one member is called something else.</summary>
    private sealed class Changed(string missing) : IKestrelMembers
    {
        private readonly KestrelInternals _kestrel = new();

        public Action<ListenOptions> EndpointDefaults(KestrelServerOptions options) =>
            Is(nameof(EndpointDefaults)) ? _kestrel.EndpointDefaults(options) : default!;

        public IReadOnlyList<ListenOptions> CodeBacked(KestrelServerOptions options) =>
            Is(nameof(CodeBacked)) ? _kestrel.CodeBacked(options) : [];

        public IReadOnlyList<ListenOptions> ConfigurationBacked(KestrelServerOptions options) =>
            Is(nameof(ConfigurationBacked)) ? _kestrel.ConfigurationBacked(options) : [];

        public bool IsTls(ListenOptions endpoint) => Is(nameof(IsTls)) && _kestrel.IsTls(endpoint);

        private bool Is(string member) =>
            member != missing ? true : throw new MissingMethodException($"Method not found: {member}.");
    }
}
