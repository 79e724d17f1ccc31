using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Testing;

/// <summary>
/// A certificate authority of a SPIFFE trust domain that lives in memory: it issues what a mesh's authority issues, and, on
/// demand, what none should. Keys are ECDSA P-256. Nothing of the machine is read or changed.
/// </summary>
public sealed class TestAuthority : IDisposable
{
    private readonly TimeProvider _time;

    /// <summary>Makes a root: self-signed, valid from an hour ago for ten years.</summary>
    /// <param name="trustDomain">What its IDs begin with, e.g. <c>shop.test</c>.</param>
    /// <param name="time">The clock that validity counts from. Default: the system's.</param>
    public TestAuthority(string trustDomain = "mesh.test", TimeProvider? time = null)
        : this(trustDomain, time, new TestAuthorityOptions())
    {
    }

    /// <summary>Makes a root with times or flaws of its own.</summary>
    /// <param name="trustDomain">What its IDs begin with.</param>
    /// <param name="time">The clock that validity counts from where the options give no times. Default: the system's.</param>
    /// <param name="options">What it is like.</param>
    public TestAuthority(string trustDomain, TimeProvider? time, TestAuthorityOptions options)
    {
        ArgumentNullException.ThrowIfNull(trustDomain);
        ArgumentNullException.ThrowIfNull(options);
        (TrustDomain, _time) = (trustDomain, time ?? TimeProvider.System);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(options.Subject ?? $"CN=root of {trustDomain}", key, options);
        var (from, until) = Times(options.NotBefore, options.NotAfter, TimeSpan.FromDays(3650));
        Certificate = request.CreateSelfSigned(from, until);
        Issued = [];
        Root = this;
    }

    private TestAuthority(TestAuthority issuer, X509Certificate2 certificate)
    {
        (TrustDomain, _time, Certificate, Root) = (issuer.TrustDomain, issuer._time, certificate, issuer.Root);
        Issued = [X509CertificateLoader.LoadCertificate(certificate.RawData), .. issuer.Issued];
    }

    /// <summary>What its IDs begin with.</summary>
    public string TrustDomain { get; }

    /// <summary>Its own certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The root it descends from; itself when it is one.</summary>
    public TestAuthority Root { get; }

    /// <summary>The root's certificate as PEM, without its key.</summary>
    public string RootPem => Root.Certificate.ExportCertificatePem() + "\n";

    /// <summary>What a leaf of it brings along: the intermediates, nearest first, without keys.</summary>
    internal X509Certificate2Collection Issued { get; }

    /// <summary>The roots to trust: just its root, without its key.</summary>
    public X509Certificate2Collection Roots() => [X509CertificateLoader.LoadCertificate(Root.Certificate.RawData)];

    /// <summary>The ID of a service, in the shape that Consul gives it.</summary>
    public string IdOf(string service, string datacenter = "dc1") =>
        string.Create(CultureInfo.InvariantCulture, $"spiffe://{TrustDomain}/ns/default/dc/{datacenter}/svc/{service}");

    /// <summary>Issues a good leaf for a service: valid from an hour ago for a day from now.</summary>
    public TestCertificate Issue(string service, string datacenter = "dc1") =>
        Issue(new TestCertificateOptions { Uris = [IdOf(service, datacenter)] });

    /// <summary>Issues a leaf with whatever flaws are wanted.</summary>
    public TestCertificate Issue(TestCertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Leaf(options, key);
        var (from, until) = Times(options.NotBefore, options.NotAfter, TimeSpan.FromDays(1));
        if (options.SelfSigned)
        {
            return new TestCertificate(Importable(request.CreateSelfSigned(from, until)), []);
        }

        NameIssuer(request);
        using var forger = options.WrongSignature ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        using var signer = forger ?? Certificate.GetECDsaPrivateKey()!;
        using var bare = request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), from, until, Serial());
        return new TestCertificate(
            Importable(bare.CopyWithPrivateKey(key)), options.WithoutIntermediates ? [] : [.. Issued]);
    }

    /// <summary>Makes an authority below this one; its leaves bring its certificate along. Valid for a year.</summary>
    public TestAuthority CreateIntermediate(TestAuthorityOptions? options = null)
    {
        options ??= new TestAuthorityOptions();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(options.Subject ?? $"CN=intermediate of {TrustDomain} {Guid.NewGuid():N}", key, options);
        var (from, until) = Times(options.NotBefore, options.NotAfter, TimeSpan.FromDays(365));
        NameIssuer(request);
        using var signer = Certificate.GetECDsaPrivateKey()!;
        using var bare = request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), from, until, Serial());
        return new TestAuthority(this, bare.CopyWithPrivateKey(key));
    }

    /// <summary>Forgets the key. What it issued stays usable.</summary>
    public void Dispose() => Certificate.Dispose();

    private static CertificateRequest Request(string subject, ECDsa key, TestAuthorityOptions options)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(options.IsAuthority, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (options.ExtendedKeyUsages is { } usages)
        {
            request.CertificateExtensions.Add(Extended(usages));
        }

        return request;
    }

    private static CertificateRequest Leaf(TestCertificateOptions options, ECDsa key)
    {
        var request = new CertificateRequest(options.Subject, key, HashAlgorithmName.SHA256);
        if (options.Uris.Count + options.DnsNames.Count > 0)
        {
            request.CertificateExtensions.Add(SubjectNames.Of(options.Uris, options.DnsNames));
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(options.IsAuthority, false, 0, true));
        if (options.KeyUsages is { } usages)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usages, critical: true));
        }

        if (options.ExtendedKeyUsages is { } extended)
        {
            request.CertificateExtensions.Add(Extended(extended));
        }

        foreach (var extension in options.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request;
    }

    private static X509EnhancedKeyUsageExtension Extended(IReadOnlyList<string> usages)
    {
        var oids = new OidCollection();
        foreach (var usage in usages)
        {
            oids.Add(new Oid(usage));
        }

        return new X509EnhancedKeyUsageExtension(oids, critical: false);
    }

    /// <summary>Which key signed it: roots that follow each other often have the same name.</summary>
    private void NameIssuer(CertificateRequest request) => request.CertificateExtensions.Add(
        X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));

    /// <summary>Windows' TLS does not use keys that exist only in memory; elsewhere this changes nothing.</summary>
    private static X509Certificate2 Importable(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(
                certificate.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.Exportable);
        }
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(12);
        serial[0] &= 0x7F;
        return serial;
    }

    private (DateTimeOffset From, DateTimeOffset Until) Times(
        DateTimeOffset? from, DateTimeOffset? until, TimeSpan lifetime)
    {
        var now = _time.GetUtcNow();
        var start = from ?? (until is { } end && end <= now ? end - TimeSpan.FromHours(1) : now.AddHours(-1));
        return (start, until ?? (start > now ? start : now) + lifetime);
    }
}
