using System.Security.Cryptography.X509Certificates;

namespace Mesh.Testing;

/// <summary>A leaf with its key, and the intermediates that lead to its root.</summary>
public sealed class TestCertificate : IDisposable
{
    internal TestCertificate(X509Certificate2 leaf, X509Certificate2Collection intermediates) =>
        (Leaf, Intermediates) = (leaf, intermediates);

    /// <summary>The certificate with its private key, usable for TLS.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What leads from the leaf to the root, nearest first, without the root; empty when the root signed it.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>The leaf and its intermediates as PEM: what certificate files hold.</summary>
    public string CertificatePem =>
        string.Concat(Intermediates.Prepend(Leaf).Select(c => c.ExportCertificatePem() + "\n"));

    /// <summary>The private key as PEM (PKCS #8, not encrypted).</summary>
    public string KeyPem
    {
        get
        {
            using var key = Leaf.GetECDsaPrivateKey()!;
            return key.ExportPkcs8PrivateKeyPem() + "\n";
        }
    }

    /// <summary>Writes both PEM files; the key's may be read by its owner only.</summary>
    public void WriteTo(string certificateFile, string keyFile)
    {
        File.WriteAllText(certificateFile, CertificatePem);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(keyFile, options);
        writer.Write(KeyPem);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => Leaf.Dispose();
}
