using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client;
using Mesh.Client.Security;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.ConfigServer.Tests.Support;

/// <summary>A desk with a certificate of a test's authority, and those who come to it with others.</summary>
internal sealed class DeskIdentity : IDisposable
{
    private readonly List<IDisposable> _made = [];
    private readonly CurrentIdentity _identity = new();

    public DeskIdentity(string service = "mesh-desk") => _identity.Set(Of(Authority, service));

    public TestAuthority Authority { get; } = new();

    /// <summary>Trusts the roots of another trust domain, too.</summary>
    public void TrustAlso(TestAuthority other) => _identity.Set(Of(Authority, "mesh-desk", other));

    /// <summary>For the desk's composition.</summary>
    public void AddTo(WebApplicationBuilder builder) => builder.Services.AddSingleton<IMeshIdentity>(_identity);

    /// <summary>A member's client over mutual TLS.</summary>
    public HttpClient Member(TestDesk desk, string service = "web", TestAuthority? authority = null)
    {
        var certificate = (authority ?? Authority).Issue(service);
        _made.Add(certificate);
        return Client(desk.Http.BaseAddress!, certificate);
    }

    /// <summary>TLS without a certificate.</summary>
    public HttpClient Nobody(TestDesk desk) => Client(desk.Http.BaseAddress!, null);

    public void Dispose()
    {
        foreach (var made in _made)
        {
            made.Dispose();
        }

        Authority.Dispose();
    }

    private MeshIdentity Of(TestAuthority authority, string service, params TestAuthority[] others)
    {
        var certificate = authority.Issue(service);
        _made.Add(certificate);
        return MeshIdentity.Create(
            certificate.Leaf,
            certificate.Intermediates,
            others.Prepend(authority).ToDictionary(a => a.TrustDomain, a => a.Roots()));
    }

    private HttpClient Client(Uri desk, TestCertificate? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = "mesh-desk",
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                ClientCertificateContext = certificate is null
                    ? null
                    : SslStreamCertificateContext.Create(certificate.Leaf, certificate.Intermediates, offline: true),
            },
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = new UriBuilder("https", "127.0.0.1", desk.Port).Uri,
            DefaultRequestVersion = HttpVersion.Version11,
            Timeout = TimeSpan.FromSeconds(30),
        };
        _made.Add(client);
        return client;
    }
}
