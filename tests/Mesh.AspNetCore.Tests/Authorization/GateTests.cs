using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>What is in force while not everything is known.</summary>
public sealed class GateTests : IDisposable
{
    private static readonly MeshSelf Self = new("mesh", "orders", "orders-1", "1", null);

    private readonly TemporaryFolder _folder = new();
    private readonly OwnPolicy _policy = new("orders");

    [Fact]
    public void Snapshot_IsInForceBeforeThereIsAnIdentity()
    {
        using (var store = Store())
        {
            var denial = new Intention { SourceName = "web", DestinationName = "orders", ModifyIndex = 3 };
            store.RecordIntentions(
                new SnapshotIntentions(
                    DateTimeOffset.UtcNow, 9, "mesh.test", true, [new SnapshotIntention(denial, false)]),
                changed: true);
        }

        using var next = Store();
        using var gate = Gate(next);

        Assert.True(gate.Intentions is { IsFromSnapshot: true, DefaultAllows: true });
        Assert.Equal(VerdictKind.Deny, Judge(gate, "web"));
        Assert.Equal(VerdictKind.Allow, Judge(gate, "admin"));
        Assert.Equal(VerdictKind.Allow, Judge(gate, null));
    }

    [Fact]
    public void Rule_AboutAService_HoldsBeforeOurOwnTrustDomainIsHeardOf_ForThoseOfItAlone()
    {
        using var store = Store();
        using var gate = Gate(store);
        Assert.Null(gate.State);

        _policy.Set(
            _policy.Security with
            {
                Authorization = new AuthorizationRules
                {
                    Rules = [Guard.Deny("no-web").From("web")],
                    Otherwise = AuthorizationAction.Allow,
                },
            },
            _policy.Inbound,
            unknown: false);

        Assert.Equal(VerdictKind.Deny, Judge(gate, "web"));
        var stranger = new Peer(new SpiffeId("other.test", "/ns/default/dc/dc1/svc/web"), null);
        Assert.Equal(VerdictKind.Allow, JudgePeer(gate, stranger));
    }

    [Fact]
    public void Enforce_WithNothingKnown_DeniesEverybody()
    {
        using var gate = new AuthorizationGate(
            _policy, new NoIdentity(), watch: null, new Dictionary<string, string>(),
            NullLogger<AuthorizationGate>.Instance);
        Assert.Null(gate.State);

        _policy.Set(_policy.Security with { Intentions = RuleMode.Enforce }, _policy.Inbound, unknown: false);

        Assert.Equal(VerdictKind.Deny, Judge(gate, "web"));
        Assert.Equal(VerdictKind.Deny, Judge(gate, null));
    }

    public void Dispose() => _folder.Dispose();

    private static VerdictKind Judge(AuthorizationGate gate, string? service) => JudgePeer(
        gate,
        service is null ? null : new Peer(new SpiffeId("mesh.test", $"/ns/default/dc/dc1/svc/{service}"), service));

    private static VerdictKind JudgePeer(AuthorizationGate gate, Peer? peer)
    {
        var context = new DefaultHttpContext();
        if (peer is not null)
        {
            context.Features.Set<IMeshPeerFeature>(peer);
        }

        return gate.State!.Judge(context, default, tally: null).Kind;
    }

    private SnapshotStore Store() => new(
        new MeshSnapshotOptions(),
        Self,
        new SnapshotFile(Path.Combine(_folder.Path, "snapshot.json"), Self),
        TimeProvider.System,
        NullLogger<SnapshotStore>.Instance);

    private AuthorizationGate Gate(SnapshotStore store)
    {
        var consul = new ConsulClient(new ConsulClientOptions { Address = "http://127.0.0.1:1" });
        var watch = new IntentionWatch(
            consul, "orders", null, new NoIdentity(), store, TimeProvider.System, Random.Shared,
            NullLogger<IntentionWatch>.Instance);
        return new AuthorizationGate(
            _policy, new NoIdentity(), watch, new Dictionary<string, string>(), NullLogger<AuthorizationGate>.Instance);
    }

    private sealed record Peer(SpiffeId Id, string? Service) : IMeshPeerFeature;
}
