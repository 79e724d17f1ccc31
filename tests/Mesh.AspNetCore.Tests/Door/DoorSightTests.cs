using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Door;

public sealed class DoorSightTests : IDisposable
{
    private readonly CurrentIdentity _identity = new();
    private readonly ManualTimeProvider _time = new();
    private readonly OwnPolicy _own = new("orders");
    private readonly DoorLedger _ledger;
    private readonly DoorSight _sight;

    public DoorSightTests()
    {
        _ledger = new DoorLedger(_time);
        _sight = new DoorSight(_ledger, _own, _identity, _time);
    }

    public void Dispose() => _sight.Dispose();

    [Fact]
    public void Look_IdentityComesAndGoes_CountsPlaintextOnlyWhileItCouldBeStrict()
    {
        using var authority = new TestAuthority(time: _time);
        using var leaf = authority.Issue("orders");
        var roots = new Dictionary<string, X509Certificate2Collection> { [authority.TrustDomain] = authority.Roots() };
        var identity = MeshIdentity.Create(leaf.Leaf, [], roots, _time);
        Assert.Null(_sight.Look().PlaintextSince);

        _time.Advance(TimeSpan.FromMinutes(5));
        var since = _time.GetUtcNow();
        _identity.Set(identity);
        _time.Advance(TimeSpan.FromMinutes(5));
        _identity.Set(MeshIdentity.Create(leaf.Leaf, [], roots, _time));
        Assert.Equal((since, authority.IdOf("orders")), (_sight.Look().PlaintextSince, _sight.Look().Identity));

        _own.Set(_own.Security with { InboundTls = InboundTls.Off }, new InboundPolicy(), unknown: false);
        Assert.Null(_sight.Look().PlaintextSince);
        _own.Set(_own.Security with { InboundTls = InboundTls.Strict }, new InboundPolicy(), unknown: false);
        Assert.Equal(_time.GetUtcNow(), _sight.Look().PlaintextSince);
        _identity.Set(null);
        Assert.Null(_sight.Look().PlaintextSince);
    }

    [Fact]
    public void Look_PolicyInForce_SaysItInTheWordsOfTheDocument()
    {
        _own.Set(
            _own.Security with { InboundTls = InboundTls.Strict, Intentions = RuleMode.Enforce }, new InboundPolicy(),
            unknown: false);

        var inbound = _sight.Look();

        Assert.Equal(("strict", "enforce", null), (inbound.Tls, inbound.Intentions, inbound.Identity));
        Assert.Equal(_time.GetUtcNow(), inbound.Since);
    }

    [Fact]
    public void Look_MoreCallersThanAReportHolds_SumsUpTheRestAndFitsWhatADeskReads()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"{new string('x', 120)}-{i}").ToArray();
        foreach (var name in names)
        {
            _ledger.Plaintext(name);
            _ledger.WouldDeny(name, "a-rule-with-a-name");
        }

        var inbound = _sight.Look();

        Assert.Equal(101, inbound.Plaintext.Count);
        Assert.Equal(300, inbound.Plaintext.Sum(c => c.Count));
        Assert.Equal(("others", 200), (inbound.Plaintext[^1].Caller, inbound.Plaintext[^1].Count));
        Assert.Equal(101, inbound.WouldDeny.Count);
        Assert.Equal(300, inbound.WouldDeny.Sum(c => c.Count));

        // Desks of every version read 64 KiB; what a process thinks of its documents has to fit as well.
        Assert.InRange(
            JsonSerializer.SerializeToUtf8Bytes(inbound, MeshWireJson.Default.InboundReport).Length, 0, 48 * 1024);
    }
}
