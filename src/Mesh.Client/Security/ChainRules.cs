using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Security;

/// <summary>
/// Whether a leaf leads to a root of its own trust domain: never to one of the machine's, without revocation lookups and
/// without the network, at the time the injected clock says.
/// </summary>
internal static class ChainRules
{
    /// <summary>Why a leaf is refused; <see langword="null"/> when it is trusted.</summary>
    /// <param name="leaf">Passed <see cref="LeafRules"/>.</param>
    /// <param name="id">Its ID.</param>
    /// <param name="presented">What came with it; only ever intermediates, whatever it is.</param>
    /// <param name="roots">The roots of each trust domain.</param>
    /// <param name="now">The time that counts.</param>
    public static CertificateFault? Check(
        X509Certificate2 leaf,
        SpiffeId id,
        X509Certificate2Collection presented,
        IReadOnlyDictionary<string, X509Certificate2Collection> roots,
        DateTimeOffset now)
    {
        if (!roots.TryGetValue(id.TrustDomain, out var own) || own.Count == 0)
        {
            return new(
                MeshReasons.PeerUnknownTrustDomain,
                $"No roots of the trust domain '{id.TrustDomain}' are known; known: {Names(roots.Keys)}.");
        }

        // The leaf's own times first: a machine whose clock is wrong should hear that, not that nobody is trusted.
        if (TimeFault(leaf, id.ToString(), now) is { } fault)
        {
            return fault;
        }

        using var chain = new X509Chain { ChainPolicy = Policy(presented, own, now) };
        try
        {
            return chain.Build(leaf) ? null : Fault(chain, id, now);
        }
        catch (CryptographicException e)
        {
            return new(MeshReasons.PeerMalformed, $"The chain of {id} cannot be read: {e.Message}");
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static X509ChainPolicy Policy(
        X509Certificate2Collection presented, X509Certificate2Collection roots, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = now.LocalDateTime,
        };
        policy.ApplicationPolicy.Add(new Oid(LeafRules.ServerUsage));
        policy.ApplicationPolicy.Add(new Oid(LeafRules.ClientUsage));
        policy.CustomTrustStore.AddRange(roots);
        policy.ExtraStore.AddRange(presented);
        return policy;
    }

    private static CertificateFault Fault(X509Chain chain, SpiffeId id, DateTimeOffset now)
    {
        var all = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, s) => flags | s.Status);
        const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain |
            X509ChainStatusFlags.NotSignatureValid;
        if ((all & Untrusted) == 0)
        {
            foreach (var element in chain.ChainElements)
            {
                if (TimeFault(element.Certificate, $"'{ForeignText.Of(element.Certificate.Subject)}', which {id} builds on,", now) is { } f)
                {
                    return f;
                }
            }

            if (all.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            {
                return new(
                    MeshReasons.PeerExtendedKeyUsage,
                    $"An authority in the chain of {id} does not allow both TLS server and TLS client.");
            }
        }

        return new(
            MeshReasons.PeerUntrusted,
            $"The certificate of {id} does not lead to a root of its trust domain ({all}); it was issued by " +
            $"'{ForeignText.Of(chain.ChainElements[^1].Certificate.Issuer)}'.");
    }

    private static CertificateFault? TimeFault(X509Certificate2 certificate, string name, DateTimeOffset now)
    {
        var (from, until) = Times(certificate);
        if (now < from)
        {
            return new(
                MeshReasons.PeerNotYetValid,
                $"The certificate of {name} is valid from {Text(from)}, and here it is {Text(now)}: the clocks differ, " +
                $"this one may be {Text(from - now)} or more behind.");
        }

        return now > until
            ? new(
                MeshReasons.PeerExpired,
                $"The certificate of {name} was valid until {Text(until)}, and here it is {Text(now)}.")
            : null;
    }

    /// <summary>From when until when, to the second.</summary>
    public static (DateTimeOffset From, DateTimeOffset Until) Times(X509Certificate2 certificate) =>
        (new(certificate.NotBefore.ToUniversalTime()), new(certificate.NotAfter.ToUniversalTime()));

    private static string Text(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(TimeSpan span) =>
        TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);

    private static string Names(IEnumerable<string> trustDomains) =>
        string.Join(", ", trustDomains.Order(StringComparer.Ordinal)) is { Length: > 0 } names ? names : "none";
}
