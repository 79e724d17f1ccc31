using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Consul.Tests;

public sealed class ConsulTlsTests : IDisposable
{
    private readonly WebAuthority _authority = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task CaFile_OfTheAgentsAuthority_IsTrusted()
    {
        await using var consul = await StartAsync("127.0.0.1");

        Assert.Equal("anonymous", await AskAsync(consul, o => o.CaFile = _folder.Write("ca.pem", _authority.RootPem)));
    }

    [Fact]
    public async Task CaPath_WithTheAgentsAuthority_IsTrusted()
    {
        await using var consul = await StartAsync("127.0.0.1");
        using var other = new WebAuthority();
        Directory.CreateDirectory(_folder.File("cas"));
        _folder.Write("cas/other.pem", other.RootPem);
        _folder.Write("cas/ours.pem", _authority.RootPem);

        Assert.Equal("anonymous", await AskAsync(consul, o => o.CaPath = _folder.File("cas")));
    }

    [Fact]
    public async Task Agent_OfAnotherAuthority_IsRefused()
    {
        await using var consul = await StartAsync("127.0.0.1");
        using var other = new WebAuthority();

        await RefusedAsync(consul, o => o.CaFile = _folder.Write("ca.pem", other.RootPem));
        await RefusedAsync(consul, _ => { });
    }

    [Fact]
    public async Task ServerName_IsWhatTheCertificateMustSay()
    {
        await using var consul = await StartAsync("server.dc1.consul");
        var ca = _folder.Write("ca.pem", _authority.RootPem);

        await RefusedAsync(consul, o => o.CaFile = ca);
        await RefusedAsync(consul, o => (o.CaFile, o.TlsServerName) = (ca, "other.dc1.consul"));
        Assert.Equal("anonymous", await AskAsync(consul, o => (o.CaFile, o.TlsServerName) = (ca, "server.dc1.consul")));
    }

    [Fact]
    public async Task SslVerify_Off_AcceptsAnything()
    {
        await using var consul = await StartAsync("somebody.else");

        Assert.Equal("anonymous", await AskAsync(consul, o => o.SslVerify = false));
    }

    [Fact]
    public async Task ClientCertificate_IsPresented()
    {
        await using var consul = await StartAsync("127.0.0.1");
        using var mine = _authority.Issue("client.dc1.consul");
        _folder.Write("cert.pem", mine.ExportCertificatePem());
        using var key = mine.GetECDsaPrivateKey()!;
        _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());

        var name = await AskAsync(consul, options =>
        {
            options.CaFile = _folder.Write("ca.pem", _authority.RootPem);
            options.ClientCertFile = _folder.File("cert.pem");
            options.ClientKeyFile = _folder.File("key.pem");
        });

        Assert.Equal("CN=client.dc1.consul", name);
    }

    [Fact]
    public async Task Files_ThatAreMissingOrEmpty_AreNamed()
    {
        await using var consul = await StartAsync("127.0.0.1");

        Assert.Contains(
            _folder.File("no.pem"),
            (await RefusedAsync(consul, o => o.CaFile = _folder.File("no.pem"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "No certificate",
            (await RefusedAsync(consul, o => o.CaFile = _folder.Write("empty.pem", ""))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            _folder.File("nokey.pem"),
            (await RefusedAsync(consul, o =>
                (o.SslVerify, o.ClientCertFile) = (false, _folder.Write("nokey.pem", _authority.RootPem)))).Message,
            StringComparison.Ordinal);
    }

    private Task<FakeConsul> StartAsync(string name) => FakeConsul.StartAsync(
        async context =>
        {
            var client = await context.Connection.GetClientCertificateAsync();
            await context.Response.WriteAsync($"\"{client?.Subject ?? "anonymous"}\"");
        },
        listen: options => options.UseHttps(_authority.Issue(name), https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        }));

    private static async Task<string> AskAsync(FakeConsul consul, Action<ConsulClientOptions> configure)
    {
        using var client = consul.Client(configure: options =>
        {
            options.Address = "https://" + consul.HostAndPort;
            configure(options);
        });
        return await client.GetLeaderAsync(CancellationToken.None);
    }

    private static Task<ConsulException> RefusedAsync(FakeConsul consul, Action<ConsulClientOptions> configure) =>
        Assert.ThrowsAsync<ConsulException>(() => AskAsync(consul, configure));
}
