using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Security;

/// <summary>A leaf as the platform's TLS can use it.</summary>
internal static class UsableLeaf
{
    /// <summary>
    /// Windows' TLS finds a key only in its key store: there the leaf is imported once more, into a container that is
    /// deleted with the certificate. Everywhere else keys stay in memory, and the leaf is used as it is.
    /// </summary>
    public static X509Certificate2 Of(X509Certificate2 leaf)
    {
        if (!OperatingSystem.IsWindows())
        {
            return leaf;
        }

        var exported = leaf.Export(X509ContentType.Pkcs12);
        try
        {
            return X509CertificateLoader.LoadPkcs12(exported, password: null, X509KeyStorageFlags.UserKeySet);
        }
        finally
        {
            Array.Clear(exported);
        }
    }
}
