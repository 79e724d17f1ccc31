using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>What it costs to be asked on every request.</summary>
public sealed class GateCostTests
{
    private static readonly Task Served = Task.CompletedTask;

    [Fact]
    public void Request_WhereNothingIsConfigured_CostsNoByteAndNoStateMachine()
    {
        var (middleware, gate, _) = Create();
        var context = new DefaultHttpContext();

        Assert.Null(gate.State);
        Assert.Equal(0, BytesOf(middleware, context));
        Assert.Same(Served, middleware.InvokeAsync(context));
    }

    [Fact]
    public void Request_AllowedByARuleAboutItsCallerAndPath_CostsNoByteAndNoStateMachine()
    {
        var (middleware, gate, policy) = Create();
        policy.Set(
            policy.Security with
            {
                Authorization = new AuthorizationRules
                {
                    Rules =
                    [
                        Guard.Deny("no-admin").Path(StringMatchKind.Prefix, "/admin"),
                        Guard.Deny("no-guests").From("guest", "spiffe://mesh.test/guests/*"),
                        Guard.Allow("web").From("spiffe://mesh.test/ns/default/*"),
                    ],
                    Otherwise = AuthorizationAction.Deny,
                },
            },
            policy.Inbound,
            unknown: false);
        var context = new DefaultHttpContext();
        context.Request.Path = "/orders/7";
        context.Features.Set<IMeshPeerFeature>(
            new Peer(new SpiffeId("mesh.test", "/ns/default/dc/dc1/svc/web"), "web"));

        Assert.NotNull(gate.State);
        Assert.Equal(0, BytesOf(middleware, context));
        Assert.Same(Served, middleware.InvokeAsync(context));
    }

    private static long BytesOf(AuthorizationMiddleware middleware, HttpContext context)
    {
        for (var i = 0; i < 50; i++)
        {
            middleware.InvokeAsync(context);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            middleware.InvokeAsync(context);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    private static (AuthorizationMiddleware Middleware, AuthorizationGate Gate, OwnPolicy Policy) Create()
    {
        var policy = new OwnPolicy("orders");
        var gate = new AuthorizationGate(
            policy, new NoIdentity(), watch: null, new Dictionary<string, string>(),
            NullLogger<AuthorizationGate>.Instance);
        var tally = new AuthorizationTally(
            new DoorLedger(TimeProvider.System), new InboundInstruments(Keepers.Instruments()), TimeProvider.System,
            NullLogger<AuthorizationTally>.Instance);
        return (new AuthorizationMiddleware(_ => Served, gate, tally, Keepers.Create()), gate, policy);
    }

    private sealed record Peer(SpiffeId Id, string? Service) : IMeshPeerFeature;
}
