using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>The token may no longer read: Consul then answers "nothing there", which is not believed.</summary>
public sealed class NarrowedTokenTests(ITestOutputHelper output)
{
    private const string Reading = """
        service_prefix "" { policy = "read" }
        node_prefix "" { policy = "read" }
        key_prefix "mesh/" { policy = "read" }
        """;

    [Fact]
    public Task Token_NarrowedUnderLoad_EndpointsAndPolicyStay() => Scenario.RunAsync(
        output,
        async s =>
        {
            var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
            await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
            await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));
            var token = await s.Consul.CreateTokenAsync(Reading);
            var caller = await s.StartCallerAsync(o =>
            {
                o.Consul.Token = token;
                o.Discovery.SuspectWindow = TimeSpan.FromSeconds(1);
            });
            var load = s.StartLoad(caller, "http://orders/");
            await caller.GovernedAsync();
            await load.AfterAsync(100);

            await s.Consul.UpdateTokenAsync(token, """service "other" { policy = "read" }""");
            // Both watches wake up, and see nothing.
            await s.Operator.RegisterAsync("orders", "c", b.Port, version: "1");
            await s.Operator.PutPolicyAsync("payments", """{ "schema": 1 }""");
            var settled = load.Now;
            await Eventually.TrueAsync(
                () => caller.Count(MeshTelemetry.DiscoveryUpdates, "acl") > 1,
                "two confirming reads without permission");
            await load.AfterAsync(200);
            await load.StopAsync();

            Assert.True(load.Failed.Count == 0, load.Describe());
            Assert.Equal(0, load.Answered("b", settled));
        },
        new ConsulAgentOptions { AclDefaultDeny = true });
}
