using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Consul;

/// <summary>
/// TLS to the agent. Files are read for each new connection: connections are few, and renewed certificates then work
/// without a restart.
/// </summary>
internal static class ConsulTls
{
    public static async ValueTask<Stream> AuthenticateAsync(
        Stream transport, ConsulSettings settings, CancellationToken cancellationToken)
    {
        var stream = new SslStream(transport, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(CreateOptions(settings), cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal static SslClientAuthenticationOptions CreateOptions(ConsulSettings settings)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = settings.TlsServerName ?? settings.RequestBase.IdnHost,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
        if (!settings.SslVerify)
        {
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (settings.CaFile is not null || settings.CaPath is not null)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            AddRoots(policy.CustomTrustStore, settings);
            options.CertificateChainPolicy = policy;
        }

        if (settings.ClientCertFile is { } certificate)
        {
            var key = settings.ClientKeyFile ?? certificate;
            options.ClientCertificateContext = LoadClientCertificate(certificate, key);
        }

        return options;
    }

    private static void AddRoots(X509Certificate2Collection roots, ConsulSettings settings)
    {
        if (settings.CaFile is { } file)
        {
            Load(file, () => roots.ImportFromPemFile(file));
        }

        if (settings.CaPath is { } folder)
        {
            Load(folder, () =>
            {
                foreach (var entry in Directory.EnumerateFiles(folder))
                {
                    roots.ImportFromPemFile(entry);
                }
            });
        }

        if (roots.Count == 0)
        {
            throw new ConsulException(
                $"No certificate in '{settings.CaFile ?? settings.CaPath}'; expected PEM files of Consul's CA.");
        }
    }

    private static SslStreamCertificateContext LoadClientCertificate(string certificateFile, string keyFile)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2? leaf = null;
        Load(certificateFile, () =>
        {
            leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            chain.ImportFromPemFile(certificateFile);
        });
        if (OperatingSystem.IsWindows())
        {
            // SChannel cannot use a key that only lives in memory; a round trip through PKCS#12 gives it a handle.
            using var ephemeral = leaf!;
            leaf = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), password: null);
        }

        // The collection holds the leaf too; only what follows it is "additional".
        chain.RemoveAt(0);
        return SslStreamCertificateContext.Create(leaf!, chain, offline: true);
    }

    private static void Load(string path, Action load)
    {
        try
        {
            load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConsulException($"'{path}' cannot be used for TLS to Consul: {e.Message}", inner: e);
        }
    }
}
