using Mesh.AspNetCore.Limits;
using Mesh.Client.Policies;
using Mesh.Policy;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>Limits of a test's choice.</summary>
internal static class Limited
{
    public static InboundLimits ByNothing() =>
        new(
            new OwnPolicy("web"), TimeProvider.System, new InboundMeters().Instruments,
            NullLogger<InboundLimits>.Instance);

    public static void Put(this OwnPolicy policy, InboundPolicy inbound) =>
        policy.Set(policy.Security, inbound, unknown: false);
}
