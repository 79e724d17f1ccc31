using System.Globalization;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Samples;

/// <summary>
/// Strangers knock at a running service of the shop, its own program and process, which a document in Consul has told
/// to be strict: each is refused for its own reason, counted and logged, and the one caller that may come in does.
/// </summary>
public sealed partial class DoorProbeTests(ITestOutputHelper output)
{
    private const int Times = 10;

    [Fact]
    public Task Door_OfAStrictShopService_RefusesEachStrangerForItsOwnReason() => Scenario.RunAsync(
        output,
        async scenario =>
        {
            using var authority = new TestAuthority("shop.test");
            using var elsewhere = new TestAuthority("elsewhere.test");
            using var friend = authority.Issue("web");
            var inventory = await StartAsync(scenario, authority);
            using var metrics = new HttpClient(new SocketsHttpHandler
            {
                UseProxy = false, SslOptions = DoorProbe.Show(friend, SslProtocols.Tls13),
            })
            {
                BaseAddress = new UriBuilder(inventory.Address) { Scheme = "https" }.Uri,
            };
            await scenario.Operator.PutSecurityAsync(
                "inventory",
                """
                { "schema": 1, "inbound": { "tls": "strict", "authorization":
                  { "rules": [{ "name": "shop", "action": "allow", "callers": ["web", "orders"] }], "otherwise": "deny" } } }
                """);
            await Eventually.TrueAsync(
                async () => await DoorProbe.AskAsync(inventory.Address, null, tls: null) == "403 plaintext",
                "the door to be strict");

            // The first one refused ended the wait.
            var total = new Dictionary<string, int> { [MeshReasons.Plaintext] = 1 };
            foreach (var (name, certificate, tls, expected, reason) in Strangers(authority, elsewhere))
            {
                foreach (var version in (SslProtocols[])[SslProtocols.Tls12, SslProtocols.Tls13])
                {
                    for (var i = 0; i < Times / 2; i++)
                    {
                        Assert.Equal(
                            (name, expected),
                            (name, await DoorProbe.AskAsync(inventory.Address, certificate, tls ? version : null)));
                    }
                }

                certificate?.Dispose();
                total[reason] = total.GetValueOrDefault(reason) + Times;
                await CountedAsync(metrics, total, name);
                Assert.Contains(reason, inventory.Log, StringComparison.Ordinal);
                scenario.Figure($"{name}: {reason}", Times);
            }

            Assert.Equal("200", await DoorProbe.AskAsync(inventory.Address, friend, SslProtocols.Tls13));
            scenario.Figure("the right leaf: let in", 1);
        },
        name: "door-probe");

    private static IEnumerable<(string Name, TestCertificate? Certificate, bool Tls, string Expected, string Reason)> Strangers(
        TestAuthority authority, TestAuthority elsewhere)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = authority.IdOf("web");
        yield return ("plaintext", null, false, "403 plaintext", MeshReasons.Plaintext);
        yield return ("no certificate", null, true, DoorProbe.NoConnection, MeshReasons.PeerNoCertificate);
        yield return (
            "self-signed", authority.Issue(new TestCertificateOptions { Uris = [id], SelfSigned = true }), true,
            DoorProbe.NoConnection, MeshReasons.PeerUntrusted);
        yield return (
            "expired", authority.Issue(new TestCertificateOptions { Uris = [id], NotAfter = now.AddMinutes(-5) }), true,
            DoorProbe.NoConnection, MeshReasons.PeerExpired);
        yield return (
            "right leaf of a wrong trust domain", elsewhere.Issue("web"), true,
            DoorProbe.NoConnection, MeshReasons.PeerUnknownTrustDomain);
        yield return (
            "two URI SANs",
            authority.Issue(new TestCertificateOptions { Uris = [id, authority.IdOf("orders")] }), true,
            DoorProbe.NoConnection, MeshReasons.PeerManyIds);
        yield return ("another service's leaf", authority.Issue("payments"), true, "403 authorization", MeshReasons.Authorization);
    }

    /// <summary>
    /// The shop's inventory with a certificate from files, as cert-manager or Vault's agent would write them.
    /// </summary>
    private static async Task<ServiceProcess> StartAsync(Scenario scenario, TestAuthority authority)
    {
        var (certificate, key, roots) = (
            Path.Combine(scenario.Folder, "tls.crt"), Path.Combine(scenario.Folder, "tls.key"),
            Path.Combine(scenario.Folder, "ca.crt"));
        using var leaf = authority.Issue("inventory");
        leaf.WriteTo(certificate, key);
        await File.WriteAllTextAsync(roots, authority.RootPem);
        return await scenario.StartProcessAsync(
            Scenario.Inventory, "inventory-1", 0,
            ("Mesh__Service", "inventory"),
            ("Mesh__Identity__Source", "Files"),
            ("Mesh__Identity__CertificateFile", certificate),
            ("Mesh__Identity__KeyFile", key),
            ("Mesh__Identity__RootsFile", roots));
    }

    /// <summary>
    /// The service itself counts just these refusals of its door and denials of its rules, by reason.
    /// </summary>
    private static async Task CountedAsync(HttpClient metrics, Dictionary<string, int> expected, string name)
    {
        var text = "";
        await Eventually.TrueAsync(
            async () =>
            {
                text = await metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));
                return Refusal().Matches(text).Sum(Count) >= expected.Values.Sum();
            },
            $"refusals of {name} to be counted");
        Assert.Equal(
            expected,
            Refusal().Matches(text).GroupBy(m => m.Groups["reason"].Value).ToDictionary(g => g.Key, g => g.Sum(Count)));
    }

    private static int Count(Match refusal) => int.Parse(refusal.Groups["count"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        "^mesh_(door_refusals|server_decisions)_total\\{(?![^}]*would_refuse)[^}]*mesh_reason=\"(?<reason>\\w+)\"[^}]*\\} (?<count>\\d+)",
        RegexOptions.Multiline)]
    private static partial Regex Refusal();
}
