using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Limits;
using Mesh.Client.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// Puts the mesh's middleware before the application's. The order is the design:
/// <code>
/// 1 door         the scheme is that of the transport; what the mode of TLS forbids ends here
/// 2 hop          headers of the hop are read and taken off; drain is told; what runs is counted
/// 3 deadline     expired work ends here; what is left binds the request and its calls
/// 4 who          intentions, then the rules of the security document: both must allow
/// 5 how often    inbound.rate
/// 6 how many     inbound.concurrency, by criticality
/// </code>
/// </summary>
internal sealed class InboundFilter(
    DrainState drain,
    CallerMembership callers,
    DoorKeeper door,
    DoorLedger ledger,
    DoorInstruments doorInstruments,
    SlowBodies bodies,
    InboundInstruments instruments,
    AuthorizationGate gate,
    AuthorizationTally tally,
    InboundLimits limits,
    LimitExemptions exemptions,
    TimeProvider time) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => new DoorMiddleware(inner, door, ledger, doorInstruments, bodies).InvokeAsync);
        app.Use(inner => new ClaimedCallerMiddleware(inner, gate).InvokeAsync);
        app.Use(inner => new InboundMiddleware(inner, drain, callers, instruments, limits, time).InvokeAsync);
        app.Use(inner => new AuthorizationMiddleware(inner, gate, tally, door).InvokeAsync);
        app.Use(inner => new RateMiddleware(inner, limits, exemptions, instruments).InvokeAsync);
        app.Use(inner => new ConcurrencyMiddleware(inner, limits, exemptions, instruments).InvokeAsync);
        next(app);
    };
}
