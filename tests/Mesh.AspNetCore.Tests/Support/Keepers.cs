using System.Diagnostics.Metrics;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>What doors share, for tests without a server.</summary>
internal static class Keepers
{
    public static DoorKeeper Create(
        InboundTls mode = InboundTls.Permissive, IMeshIdentity? identity = null, ILogger<DoorKeeper>? logger = null)
    {
        var policy = new OwnPolicy("web");
        policy.Set(policy.Security with { InboundTls = mode }, policy.Inbound, unknown: false);
        return new DoorKeeper(
            identity ?? new NoIdentity(), policy, new PeerVerifier(TimeProvider.System), new IdentityPaths(),
            new DoorConnections(),
            new DoorInstruments(Instruments()), Options.Create(new MeshServerOptions()), TimeProvider.System,
            logger ?? NullLogger<DoorKeeper>.Instance);
    }

    public static MeshInstruments Instruments() =>
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
}
