using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Authorization;

/// <summary>
/// An operator denies one edge under load, and allows it again: real processes, identities of Consul's own authority,
/// calls on connections that stay open.
/// </summary>
public sealed class IntentionSwitchTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);

    [Fact]
    public Task Intention_DeniedAndAllowedUnderLoad_ActsWithinASecondOnThatEdgeAlone() => Scenario.RunAsync(
        output,
        async s =>
        {
            await s.Operator.PutIntentionAsync("web", "greeter", allow: true);
            await s.Operator.PutIntentionAsync("admin", "greeter", allow: true);
            await s.StartCalleeAsync("greeter-1");
            await s.StartCalleeAsync("greeter-2");
            var (web, admin) = (await CallerAsync(s, "web"), await CallerAsync(s, "admin"));
            var (denied, other) = (s.StartHelloLoad(web, rate: 100), s.StartHelloLoad(admin, rate: 100));
            await Task.WhenAll(denied.AfterAsync(200), other.AfterAsync(200));
            var opened = web.Count(MeshTelemetry.ConnectionsOpened);

            var (denyAt, otherAt) = (denied.Now, other.Now);
            await s.Operator.PutIntentionAsync("web", "greeter", allow: false);
            await denied.AfterAsync(400);
            var allowAt = denied.Now;
            await s.Operator.DeleteIntentionAsync("web", "greeter");
            await Task.WhenAll(denied.AfterAsync(400), other.AfterAsync(1));
            await Task.WhenAll(denied.StopAsync(), other.StopAsync());

            var during = denied.Calls.Where(c => c.Start > denyAt + Within && c.Start < allowAt).ToArray();
            var after = denied.Calls.Where(c => c.Start > allowAt + Within).ToArray();
            var begun = denied.Failed.Min(c => c.Start) - denyAt;
            var ended = denied.Failed.Max(c => c.Start) - allowAt;
            s.Figure("deniedAfterSeconds", begun.TotalSeconds);
            s.Figure("allowedAgainAfterSeconds", ended.TotalSeconds);
            s.Figure("calledWhileDenied", during.Length);
            s.Figure("deniedOfThem", during.Count(c => c.Failure is not null));
            s.Figure("calledAfterwards", after.Length);
            s.Figure("deniedAfterwards", after.Count(c => c.Failure is not null));
            s.Figure("otherEdgeFailed", other.Failed.Count);
            s.Figure("otherEdgeCalls", other.Calls.Count(c => c.Start > otherAt));

            Assert.True(during.Length > 100 && after.Length > 100, $"{during.Length} and {after.Length} calls");
            Assert.All(during, c => Assert.StartsWith("403", c.Failure, StringComparison.Ordinal));
            Assert.All(after, c => Assert.Null(c.Failure));
            Assert.All(denied.Failed, c => Assert.StartsWith("403", c.Failure, StringComparison.Ordinal));
            Assert.Empty(other.Failed);

            // A denial is no failure of the endpoint, and is not repeated; the connections were open before and stay
            // so.
            Assert.Equal(0, web.Count(MeshTelemetry.Retries));
            Assert.Equal(0, web.Count(MeshTelemetry.EndpointEjections));
            Assert.Equal(2, web.Endpoints("ready"));
            Assert.Equal(opened, web.Count(MeshTelemetry.ConnectionsOpened));
            Assert.True(web.Count(MeshTelemetry.ConnectionsOpened, "mutual") > 0, "Nothing went over mutual TLS.");
        },
        new ConsulAgentOptions { Connect = true });

    private static async Task<MeshCaller> CallerAsync(Scenario scenario, string service)
    {
        var token = await scenario.TokenAsync(TokenRules.Service(service));
        return await scenario.StartCallerAsync(options =>
        {
            options.Service = service;
            options.Consul.Token = token;
            options.Upstreams["greeter"] = new MeshUpstreamOptions();
        });
    }
}
