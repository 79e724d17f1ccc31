using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.LoadBench.Mtls;

/// <summary>
/// The certificates of everything that gets none from Consul: a root of an hour, and a leaf for each side, P-256 as
/// Consul's are. Written as PEM into a folder of the run, because proxies read files.
/// </summary>
internal sealed class BenchCertificates
{
    /// <summary>The name proxies check; addresses are in the leaves as well.</summary>
    public const string Name = "items.bench.internal";

    private BenchCertificates(string folder) => Folder = folder;

    public string Folder { get; }

    public string Root => Path.Combine(Folder, "root.pem");

    public string Server => Path.Combine(Folder, "server.pem");

    public string Client => Path.Combine(Folder, "client.pem");

    public static BenchCertificates At(string folder) => new(folder);

    public static BenchCertificates Create(string folder)
    {
        var certificates = new BenchCertificates(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        using var root = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        File.WriteAllText(certificates.Root, root.ExportCertificatePem());
        WriteLeaf(root, certificates.Server, now);
        WriteLeaf(root, certificates.Client, now);
        return certificates;
    }

    public X509Certificate2 Load(string file)
    {
        using var pem = X509Certificate2.CreateFromPemFile(file, file);

        // As a platform key: some platforms do not take one that is only in memory for TLS.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Trusts the root of this run alone.</summary>
    public X509ChainPolicy Trust() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Root) },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private static void WriteLeaf(X509Certificate2 root, string file, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(root, now.AddMinutes(-4), now.AddMinutes(55), Guid.NewGuid().ToByteArray());
        File.WriteAllText(file, leaf.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
