using System.Net.NetworkInformation;
using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Security;

/// <summary>A service that knows nothing of meshes, behind Consul's own proxy, called by ours.</summary>
public sealed class SidecarTests(ITestOutputHelper output)
{
    [Fact]
    public Task Sidecar_InFrontOfAPlainServer_IsCalledUnderIntentionsAndOnlyAsItself() => Scenario.RunAsync(
        output,
        async scenario =>
        {
            var ledger = await scenario.StartBackendAsync("ledger");
            var other = await scenario.StartBackendAsync("other");
            var (port, otherPort) = (Ports.Next(), Ports.Next());
            await scenario.Operator.RegisterWithSidecarAsync("ledger", "ledger1", ledger.Port, port);
            await scenario.Operator.RegisterWithSidecarAsync("other", "other1", other.Port, otherPort);
            await scenario.StartConnectProxyAsync("-sidecar-for", "ledger1");
            await scenario.StartConnectProxyAsync("-sidecar-for", "other1");
            await scenario.Operator.PutIntentionAsync("caller", "other", allow: true);
            var caller = await StartAsync(scenario);
            await Eventually.TrueAsync(() => Listens(port) && Listens(otherPort), "the proxies to listen");

            // Nobody has allowed it: the proxy closes what it has identified, and the service hears nothing.
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => caller.Client.GetAsync("http://ledger/denied"));
            Assert.Equal(0, ledger.RequestCount);

            await scenario.Operator.PutIntentionAsync("caller", "ledger", allow: true);
            var allowed = await Eventually.TrueAsync(
                async () => await AnswerAsync(caller, "http://ledger/allowed") == "ledger", "the intention to act");
            var request = ledger.Requests[^1];
            Assert.Equal("ledger", request.Headers["Host"].ToString());
            Assert.DoesNotContain(
                request.Headers.Keys, name => name.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(0, caller.Count(MeshTelemetry.ConnectionsOpened, "none"));
            Assert.NotEqual(0, caller.Count(MeshTelemetry.ConnectionsOpened, "mutual"));

            // Somebody registers another service's proxy as one of this service: it proves to be the other, and gets
            // nothing.
            await scenario.Operator.RegisterSidecarAsync("ledger", "ledger-sidecar-imposter", otherPort);
            await Eventually.TrueAsync(
                () => caller.Endpoints("ready") + caller.Endpoints("suspect") >= 2, "both endpoints");
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal("ledger", await AnswerAsync(caller, "http://ledger/"));
            }

            Assert.Equal(0, other.RequestCount);
            Assert.NotEqual(0, caller.Count(MeshTelemetry.ConnectionsNotSecured, MeshReasons.WrongPeer));
            scenario.Figure("allowedAfterSeconds", allowed.TotalSeconds);
            scenario.Figure(
                "refusedAsSomebodyElse", caller.Count(MeshTelemetry.ConnectionsNotSecured, MeshReasons.WrongPeer));

            // Consul's proxy asks for intentions when a connection begins; who has one keeps it.
            await scenario.Operator.PutIntentionAsync("caller", "ledger", allow: false);
            var late = await StartAsync(scenario);
            await Eventually.TrueAsync(
                async () => await AnswerAsync(late, "http://ledger/") is null, "the denial to act on new connections");
        },
        new ConsulAgentOptions { Connect = true });

    private static async Task<MeshCaller> StartAsync(Scenario scenario)
    {
        var token = await scenario.TokenAsync(TokenRules.Service("caller"));
        return await scenario.StartCallerAsync(options =>
        {
            options.Consul.Token = token;
            options.Upstreams["ledger"] = new MeshUpstreamOptions { Sidecar = true };
        });
    }

    private static bool Listens(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);

    private static async Task<string?> AnswerAsync(MeshCaller caller, string url)
    {
        try
        {
            return await caller.Client.GetStringAsync(url);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
