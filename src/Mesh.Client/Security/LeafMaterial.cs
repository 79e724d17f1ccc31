using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Security;

/// <summary>A leaf with its key, and the intermediates that came with it. Its text has neither.</summary>
/// <param name="leaf">With its private key.</param>
/// <param name="intermediates">In any order.</param>
internal sealed class LeafMaterial(X509Certificate2 leaf, X509Certificate2Collection intermediates)
{
    public X509Certificate2 Leaf { get; } = leaf;

    public X509Certificate2Collection Intermediates { get; } = intermediates;

    /// <summary>Reads both from PEM: the leaf first, its intermediates behind it.</summary>
    /// <exception cref="CertificateException">Something is missing, half-written, or does not fit together.</exception>
    public static LeafMaterial FromPem(string certificates, string key)
    {
        var chain = Certificates(certificates, "the certificate");
        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificates, key);
            chain[0].Dispose();
            chain.RemoveAt(0);
            return new LeafMaterial(leaf, chain);
        }
        catch (ArgumentException)
        {
            throw new CertificateException(MeshReasons.KeyMismatch, "The private key is not that of the certificate.");
        }
        catch (CryptographicException)
        {
            // The platform's words are about PEM labels, and might one day quote what they could not read.
            throw new CertificateException(
                MeshReasons.Unreadable, "The private key cannot be read: it must be PEM, whole, and not encrypted.");
        }
    }

    /// <summary>Reads certificates from PEM, at least one.</summary>
    /// <exception cref="CertificateException">There is none, or one cannot be read.</exception>
    public static X509Certificate2Collection Certificates(string pem, string what)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new CertificateException(MeshReasons.Unreadable, $"A certificate in {what} cannot be read: {e.Message}");
        }

        return found.Count > 0
            ? found
            : throw new CertificateException(MeshReasons.Unreadable, $"There is no whole certificate in {what}.");
    }
}
