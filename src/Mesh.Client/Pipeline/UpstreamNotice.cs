using Mesh.Client.Outliers;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Something that happened to an upstream's endpoints, noted under its lock and told after it: loggers and meters are the
/// application's code.
/// </summary>
internal readonly record struct UpstreamNotice(UpstreamEvent Event)
{
    public MeshEndpoint? Endpoint { get; init; }

    public EndpointGroup? Group { get; init; }

    public EjectionReason Reason { get; init; }

    /// <summary>Why an endpoint is suspect, in a word of <see cref="MeshReasons"/>.</summary>
    public string? Why { get; init; }

    /// <summary>What the switches add up to now.</summary>
    public SwitchState Switches { get; init; }

    /// <summary>How long an ejection lasts.</summary>
    public TimeSpan Length { get; init; }

    /// <summary>How many are out, or fit.</summary>
    public int Count { get; init; }

    /// <summary>Out of how many.</summary>
    public int Total { get; init; }

    /// <summary>An endpoint became suspect, or no longer is.</summary>
    public static UpstreamNotice Suspicion(MeshEndpoint endpoint) => endpoint.IsSuspect
        ? new UpstreamNotice(UpstreamEvent.Suspected) { Endpoint = endpoint, Why = endpoint.SuspectReason }
        : new UpstreamNotice(UpstreamEvent.Trusted) { Endpoint = endpoint };

    /// <summary>The panic of a group began or ended.</summary>
    public static UpstreamNotice Panic(EndpointGroup group)
    {
        var ready = 0;
        var total = 0;
        foreach (var member in group.Members)
        {
            var state = member.State;
            ready += state == EndpointState.Ready ? 1 : 0;
            total += state is EndpointState.Maintenance or EndpointState.Insecure ? 0 : 1;
        }

        return new UpstreamNotice(group.IsPanic ? UpstreamEvent.PanicBegan : UpstreamEvent.PanicEnded)
        {
            Group = group, Count = ready, Total = total,
        };
    }
}
