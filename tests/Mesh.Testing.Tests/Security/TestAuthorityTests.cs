using System.Net.Security;
using System.Net.Sockets;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Testing.Tests.Security;

public sealed class TestAuthorityTests
{
    [Fact]
    public async Task Leaf_OfAnIntermediate_AuthenticatesATlsServer()
    {
        using var root = new TestAuthority("shop.test");
        using var intermediate = root.CreateIntermediate();
        using var certificate = intermediate.Issue("orders", "dc2");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptTcpClientAsync();
        await using var server = new SslStream(accepted.GetStream());
        await using var stream = new SslStream(client.GetStream());
        var trusted = false;

        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(
                    certificate.Leaf, certificate.Intermediates, offline: true),
            }),
            stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "orders",
                CertificateChainPolicy = Trusting(root),
                RemoteCertificateValidationCallback = (_, _, _, errors) =>
                    trusted = (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            }));

        Assert.True(trusted);
    }

    [Fact]
    public void Pem_Written_IsReadBackWithItsKey()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-authority-");
        var (file, keyFile) = (Path.Combine(folder.FullName, "a.pem"), Path.Combine(folder.FullName, "k.pem"));
        using var root = new TestAuthority();
        using var certificate = root.CreateIntermediate().Issue("orders");

        certificate.WriteTo(file, keyFile);
        using var read = X509Certificate2.CreateFromPemFile(file, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);
        using var readRoot = X509Certificate2.CreateFromPem(root.RootPem);

        Assert.True(read.HasPrivateKey);
        Assert.Equal(certificate.Leaf.Thumbprint, read.Thumbprint);
        Assert.Equal(2, chain.Count);
        Assert.Equal(root.Certificate.Thumbprint, readRoot.Thumbprint);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(keyFile));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public void Leaf_WithTimesOfItsOwn_HasThem()
    {
        var time = new ManualTimeProvider();
        using var root = new TestAuthority("shop.test", time);
        var now = time.GetUtcNow();

        using var past = root.Issue(new TestCertificateOptions { NotAfter = now.AddMinutes(-5) });
        using var future = root.Issue(new TestCertificateOptions { NotBefore = now.AddMinutes(5) });

        Assert.InRange(past.Leaf.NotAfter.ToUniversalTime(), now.UtcDateTime.AddMinutes(-6), now.UtcDateTime);
        Assert.True(past.Leaf.NotBefore < past.Leaf.NotAfter);
        Assert.True(future.Leaf.NotBefore.ToUniversalTime() > now.UtcDateTime);
    }

    private static X509ChainPolicy Trusting(TestAuthority authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authority.Roots());
        return policy;
    }
}
