using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Security;

/// <summary>The table of good and bad certificates: each bad one has one flaw, and its own reason.</summary>
public sealed class PeerVerifierTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestMeters _meters = new TestMeters().Listen();
    private readonly TestAuthority _authority;
    private readonly MeshIdentity _identity;
    private readonly PeerVerifier _verifier;

    public PeerVerifierTests()
    {
        _authority = new TestAuthority("mesh.test", _time);
        var own = _authority.Issue("web");
        _identity = MeshIdentity.Create(own.Leaf, own.Intermediates, RootsOf(_authority), _time);
        _verifier = new PeerVerifier(_time, new MeshInstruments(_meters));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Verify_AGoodCertificate_GivesItsId()
    {
        var verdict = Verify(_authority.Issue("orders", "dc2"));

        Assert.True(verdict.IsAccepted);
        Assert.Equal("spiffe://mesh.test/ns/default/dc/dc2/svc/orders", verdict.Id.ToString());
        Assert.Equal(0, _meters.Count(MeshTelemetry.PeerRefusals));
    }

    [Theory]
    [InlineData("without extended key usage")]
    [InlineData("with more usages")]
    [InlineData("with DNS names beside the URI")]
    [InlineData("below two intermediates")]
    [InlineData("with certificates that lead nowhere beside")]
    [InlineData("with a root beside that it brought itself")]
    public void Verify_OtherGoodCertificates_GivesTheirIds(string which)
    {
        var options = Options();
        var authority = _authority;
        switch (which)
        {
            case "without extended key usage":
                options.ExtendedKeyUsages = null;
                break;
            case "with more usages":
                options.KeyUsages |= X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DataEncipherment;
                options.ExtendedKeyUsages = [.. options.ExtendedKeyUsages!, "1.3.6.1.5.5.7.3.4"];
                break;
            case "with DNS names beside the URI":
                options.DnsNames = ["orders.example"];
                break;
            case "below two intermediates":
                authority = _authority.CreateIntermediate().CreateIntermediate();
                break;
        }

        var certificate = authority.Issue(options);
        if (which.Contains("beside", StringComparison.Ordinal))
        {
            using var other = new TestAuthority("mesh.test", _time);
            certificate.Intermediates.AddRange(other.Roots());
        }

        Assert.Equal(options.Uris[0], Verify(certificate).Id?.ToString());
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "no URI, a DNS name only", MeshReasons.PeerNoId },
        { "no names at all", MeshReasons.PeerNoId },
        { "two URIs", MeshReasons.PeerManyIds },
        { "the same URI twice", MeshReasons.PeerManyIds },
        { "a second URI that is no SPIFFE ID", MeshReasons.PeerManyIds },
        { "a URI that is no SPIFFE ID", MeshReasons.PeerBadId },
        { "a wildcard", MeshReasons.PeerBadId },
        { "a trust domain in upper case", MeshReasons.PeerBadId },
        { "a trust domain without a path", MeshReasons.PeerBadId },
        { "names that cannot be read", MeshReasons.PeerMalformed },
        { "an authority's", MeshReasons.PeerIsAuthority },
        { "no key usage", MeshReasons.PeerKeyUsage },
        { "a key usage without digitalSignature", MeshReasons.PeerKeyUsage },
        { "keyCertSign", MeshReasons.PeerKeyUsage },
        { "cRLSign", MeshReasons.PeerKeyUsage },
        { "TLS client only", MeshReasons.PeerExtendedKeyUsage },
        { "TLS server only", MeshReasons.PeerExtendedKeyUsage },
        { "any usage, but not these", MeshReasons.PeerExtendedKeyUsage },
        { "below an intermediate for TLS client only", MeshReasons.PeerExtendedKeyUsage },
        { "another trust domain", MeshReasons.PeerUnknownTrustDomain },
        { "not valid yet", MeshReasons.PeerNotYetValid },
        { "expired", MeshReasons.PeerExpired },
        { "below an expired intermediate", MeshReasons.PeerExpired },
        { "below an intermediate not valid yet", MeshReasons.PeerNotYetValid },
        { "self-signed", MeshReasons.PeerUntrusted },
        { "of another root of the same name", MeshReasons.PeerUntrusted },
        { "with a forged signature", MeshReasons.PeerUntrusted },
        { "without its intermediate", MeshReasons.PeerUntrusted },
        { "signed by another leaf", MeshReasons.PeerUntrusted },
        { "of another root, which it brings along", MeshReasons.PeerUntrusted },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Verify_ABadCertificate_IsRefusedWithItsReason(string which, string reason)
    {
        var verdict = Verify(Make(which));

        Assert.False(verdict.IsAccepted, $"{which} was accepted as {verdict.Id}");
        Assert.Equal(reason, verdict.Reason);
        Assert.EndsWith(".", verdict.Detail, StringComparison.Ordinal);
        Assert.Equal(1, _meters.Count(MeshTelemetry.PeerRefusals, (MeshTelemetry.ReasonTag, reason)));
    }

    [Fact]
    public void Verify_NoCertificate_IsRefused()
    {
        var verdict = _verifier.Verify(null, [], _identity);

        Assert.Equal(MeshReasons.PeerNoCertificate, verdict.Reason);
        Assert.Equal(1, _meters.Count(MeshTelemetry.PeerRefusals));
    }

    [Fact]
    public void EveryReason_OfThePeersList_HasARowInTheTable()
    {
        var words = MeshReasons.All.Where(w => w.StartsWith("peer_", StringComparison.Ordinal));
        var rows = Bad.Select(row => (string)row[1]).Append(MeshReasons.PeerNoCertificate).ToHashSet();

        Assert.Empty(words.Except(rows));
    }

    [Fact]
    public void Verify_ACertificateNotValidYet_NamesBothTimesAndTheSkew()
    {
        var now = _time.GetUtcNow();
        var options = Options();
        options.NotBefore = now.AddMinutes(7);

        var detail = Verify(_authority.Issue(options)).Detail!;

        Assert.Contains($"{now.AddMinutes(7):yyyy-MM-dd'T'HH:mm:ss'Z'}", detail, StringComparison.Ordinal);
        Assert.Contains($"{now:yyyy-MM-dd'T'HH:mm:ss'Z'}", detail, StringComparison.Ordinal);
        Assert.Contains("00:07:00 or more behind", detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ACertificate_IsJudgedByTheInjectedClock()
    {
        var certificate = _authority.Issue("orders");

        Assert.True(Verify(certificate).IsAccepted);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(MeshReasons.PeerExpired, Verify(certificate).Reason);
    }

    [Fact]
    public void Verify_WhenRootsOverlap_AcceptsBoth_AndAfterwardsOnlyTheNewOne()
    {
        using var next = new TestAuthority("mesh.test", _time);
        var (ofOld, ofNew) = (_authority.Issue("orders"), next.Issue("orders"));
        var leaf = next.Issue("web");
        MeshIdentity With(params TestAuthority[] roots) =>
            MeshIdentity.Create(leaf.Leaf, leaf.Intermediates, RootsOf(roots), _time);

        Assert.True(Verify(ofOld, With(_authority, next)).IsAccepted);
        Assert.True(Verify(ofNew, With(_authority, next)).IsAccepted);
        Assert.True(Verify(ofNew, With(next)).IsAccepted);
        Assert.Equal(MeshReasons.PeerUntrusted, Verify(ofOld, With(next)).Reason);
    }

    [Fact]
    public void Verify_APeerOfAnotherTrustDomain_IsHeldToItsOwnRootsOnly()
    {
        using var partner = new TestAuthority("partner.test", _time);
        var own = _authority.Issue("web");
        var identity = MeshIdentity.Create(
            own.Leaf, own.Intermediates, RootsOf(_authority, partner), _time);

        Assert.True(Verify(partner.Issue("orders"), identity).IsAccepted);

        // Each of the two signs for the other's domain.
        var (forged, forgedHere) = (Options(), Options());
        forgedHere.Uris = [partner.IdOf("orders")];
        Assert.Equal(MeshReasons.PeerUntrusted, Verify(partner.Issue(forged), identity).Reason);
        Assert.Equal(MeshReasons.PeerUntrusted, Verify(_authority.Issue(forgedHere), identity).Reason);
    }

    [Fact]
    public void Create_AnIdentityThatNoPeerWouldAccept_SaysWhy()
    {
        using var other = new TestAuthority("mesh.test", _time);
        var leaf = other.Issue("web");

        var e = Assert.Throws<ArgumentException>(
            () => MeshIdentity.Create(leaf.Leaf, leaf.Intermediates, RootsOf(_authority), _time));
        Assert.Contains(MeshReasons.PeerUntrusted, e.Message, StringComparison.Ordinal);

        using var withoutKey = X509CertificateLoader.LoadCertificate(_authority.Issue("web").Leaf.RawData);
        e = Assert.Throws<ArgumentException>(() => MeshIdentity.Create(withoutKey, [], RootsOf(_authority), _time));
        Assert.Contains("private key", e.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, X509Certificate2Collection> RootsOf(params TestAuthority[] authorities) =>
        authorities.GroupBy(a => a.TrustDomain).ToDictionary(
            group => group.Key,
            group => new X509Certificate2Collection(group.SelectMany(a => a.Roots()).ToArray()));

    private PeerVerdict Verify(TestCertificate certificate, MeshIdentity? identity = null)
    {
        // As it comes over the wire: without its key.
        using var bare = X509CertificateLoader.LoadCertificate(certificate.Leaf.RawData);
        return _verifier.Verify(bare, certificate.Intermediates, identity ?? _identity);
    }

    private TestCertificateOptions Options() => new() { Uris = [_authority.IdOf("orders")] };

    private TestCertificate Make(string which)
    {
        var options = Options();
        var id = options.Uris[0];
        var now = _time.GetUtcNow();
        switch (which)
        {
            case "no URI, a DNS name only":
                (options.Uris, options.DnsNames) = ([], ["orders"]);
                break;
            case "no names at all":
                options.Uris = [];
                break;
            case "two URIs":
                options.Uris = [id, _authority.IdOf("admin")];
                break;
            case "the same URI twice":
                options.Uris = [id, id];
                break;
            case "a second URI that is no SPIFFE ID":
                options.Uris = [id, "https://example.com/"];
                break;
            case "a URI that is no SPIFFE ID":
                options.Uris = ["https://mesh.test/orders"];
                break;
            case "a wildcard":
                options.Uris = ["spiffe://mesh.test/ns/default/dc/dc1/svc/*"];
                break;
            case "a trust domain in upper case":
                options.Uris = ["spiffe://Mesh.test/a"];
                break;
            case "a trust domain without a path":
                options.Uris = ["spiffe://mesh.test"];
                break;
            case "names that cannot be read":
                (options.Uris, options.Extensions) = ([], [new X509Extension("2.5.29.17", [0x30, 0x7F, 1], false)]);
                break;
            case "an authority's":
                options.IsAuthority = true;
                break;
            case "no key usage":
                options.KeyUsages = null;
                break;
            case "a key usage without digitalSignature":
                options.KeyUsages = X509KeyUsageFlags.NonRepudiation;
                break;
            case "keyCertSign":
                options.KeyUsages |= X509KeyUsageFlags.KeyCertSign;
                break;
            case "cRLSign":
                options.KeyUsages |= X509KeyUsageFlags.CrlSign;
                break;
            case "TLS client only":
                options.ExtendedKeyUsages = [TestCertificateOptions.ClientUsage];
                break;
            case "TLS server only":
                options.ExtendedKeyUsages = [TestCertificateOptions.ServerUsage];
                break;
            case "any usage, but not these":
                options.ExtendedKeyUsages = ["2.5.29.37.0"];
                break;
            case "another trust domain":
                return new TestAuthority("other.test", _time).Issue("orders");
            case "not valid yet":
                options.NotBefore = now.AddMinutes(5);
                break;
            case "expired":
                options.NotAfter = now.AddMinutes(-5);
                break;
            case "self-signed":
                options.SelfSigned = true;
                break;
            case "of another root of the same name":
                return new TestAuthority("mesh.test", _time).Issue(options);
            case "with a forged signature":
                options.WrongSignature = true;
                break;
            default:
                return MakeChain(which, options);
        }

        return _authority.Issue(options);
    }

    private TestCertificate MakeChain(string which, TestCertificateOptions options)
    {
        var now = _time.GetUtcNow();
        switch (which)
        {
            case "below an intermediate for TLS client only":
                return _authority.CreateIntermediate(
                    new() { ExtendedKeyUsages = [TestCertificateOptions.ClientUsage] }).Issue(options);
            case "below an expired intermediate":
                return _authority.CreateIntermediate(new() { NotAfter = now.AddMinutes(-5) }).Issue(options);
            case "below an intermediate not valid yet":
                return _authority.CreateIntermediate(new() { NotBefore = now.AddMinutes(5) }).Issue(options);
            case "without its intermediate":
                options.WithoutIntermediates = true;
                return _authority.CreateIntermediate().Issue(options);
            case "signed by another leaf":
                return _authority.CreateIntermediate(new() { IsAuthority = false }).Issue(options);
            case "of another root, which it brings along":
                var other = new TestAuthority("mesh.test", _time);
                var certificate = other.Issue(options);
                certificate.Intermediates.AddRange(other.Roots());
                return certificate;
            default:
                throw new ArgumentException(which);
        }
    }
}
