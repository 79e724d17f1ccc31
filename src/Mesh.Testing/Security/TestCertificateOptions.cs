using System.Security.Cryptography.X509Certificates;

namespace Mesh.Testing;

/// <summary>What a leaf is like. The defaults make a good one, apart from the URI, which is yours to give.</summary>
public sealed class TestCertificateOptions
{
    /// <summary>The OID of TLS servers.</summary>
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    /// <summary>The OID of TLS clients.</summary>
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>The URIs among its names, written as they are; a good leaf has one. Default: none.</summary>
    public IReadOnlyList<string> Uris { get; set; } = [];

    /// <summary>The DNS names among its names. Default: none.</summary>
    public IReadOnlyList<string> DnsNames { get; set; } = [];

    /// <summary>Its distinguished name. Default: <c>CN=leaf</c>.</summary>
    public string Subject { get; set; } = "CN=leaf";

    /// <summary>From when it is valid. Default: an hour ago, or an hour before its end.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Until when it is valid. Default: for a day.</summary>
    public DateTimeOffset? NotAfter { get; set; }

    /// <summary>Whether it says that it may sign others. Default: no.</summary>
    public bool IsAuthority { get; set; }

    /// <summary>What its key may be used for; <see langword="null"/> leaves that out. Default: digital signature.</summary>
    public X509KeyUsageFlags? KeyUsages { get; set; } = X509KeyUsageFlags.DigitalSignature;

    /// <summary>OIDs of what it may be used for; <see langword="null"/> leaves that out. Default: TLS server and client.</summary>
    public IReadOnlyList<string>? ExtendedKeyUsages { get; set; } = [ServerUsage, ClientUsage];

    /// <summary>Extensions beside those that the other options make. Default: none.</summary>
    public IReadOnlyList<X509Extension> Extensions { get; set; } = [];

    /// <summary>Signed by itself instead of by the authority. Default: no.</summary>
    public bool SelfSigned { get; set; }

    /// <summary>Says that the authority signed it, which it did not. Default: no.</summary>
    public bool WrongSignature { get; set; }

    /// <summary>Does not bring the intermediates along. Default: no.</summary>
    public bool WithoutIntermediates { get; set; }
}
