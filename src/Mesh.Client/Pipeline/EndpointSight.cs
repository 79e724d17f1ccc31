using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Outliers;

namespace Mesh.Client.Pipeline;

/// <summary>What an endpoint is like at one moment, and why, for whoever asks.</summary>
internal sealed record EndpointSight
{
    public required MeshEndpoint Endpoint { get; init; }

    public required EndpointInfo Info { get; init; }

    public required EndpointState State { get; init; }

    /// <summary>What its connections have to be like.</summary>
    public required EndpointWire Wire { get; init; }

    /// <summary>Connections open to it.</summary>
    public int Connections { get; init; }

    /// <summary>Those of them that no new call uses: they close when the calls on them have ended.</summary>
    public int OldConnections { get; init; }

    /// <summary>Why it is not ready, by one of the words that metrics use; <see langword="null"/> when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>For how long this state has lasted, where that is known.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>When the state ends by itself, where it does.</summary>
    public TimeSpan? Left { get; init; }

    /// <summary>Ejections that count for the length of the next one.</summary>
    public required int Ejections { get; init; }

    /// <summary>The share of its weight that slow start gives it now, 0.1 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>Estimated seconds to an answer; <see langword="null"/> while nothing is known.</summary>
    public double? Latency { get; init; }

    /// <summary>Seconds of penalty left for failures and for what it asked to be spared.</summary>
    public required double Penalty { get; init; }

    /// <summary>Share of failures among its last answers.</summary>
    public required double FailureShare { get; init; }

    /// <summary>Reads it. Under its upstream's lock.</summary>
    public static EndpointSight Of(MeshEndpoint endpoint, BalancePlan plan, MeshClock clock, long now)
    {
        var (info, outlier, coarse) = (endpoint.Info, endpoint.Outlier, clock.Centiseconds(now));
        var state = endpoint.State;
        var latency = endpoint.Load.Latency(coarse);
        var suspicion = state == EndpointState.Suspect && endpoint.IsSuspect ? clock.Until(endpoint.SuspectSince, now) : (TimeSpan?)null;
        return new EndpointSight
        {
            Endpoint = endpoint,
            Info = info,
            State = state,
            Wire = endpoint.Wire,
            Connections = endpoint.Connections,
            OldConnections = endpoint.OldConnections,
            Reason = state switch
            {
                EndpointState.Suspect => info.Vanished ? MeshReasons.Vanished : endpoint.SuspectReason,
                EndpointState.Ejected => outlier.Reason.Word(),
                EndpointState.Returning => outlier.Phase == EjectionPhase.Probing ? MeshReasons.Probing : MeshReasons.AwaitsProbe,
                EndpointState.Critical => MeshReasons.Critical,
                EndpointState.Maintenance => MeshReasons.Maintenance,
                EndpointState.Insecure => endpoint.Wire.Refusal,
                _ => null,
            },
            For = suspicion,
            Left = state == EndpointState.Ejected ? clock.Until(now, outlier.EjectedUntil)
                : suspicion is { } lasted && !info.Vanished ? Rest(MeshEndpoint.SuspectFor - lasted)
                : null,
            Ejections = outlier.Ejections,
            Share = endpoint.RampSince is { } since ? plan.Share(clock.Seconds(since, now)) : 1,
            Latency = latency < 0 ? null : latency,
            Penalty = endpoint.Load.Penalty(coarse),
            FailureShare = endpoint.Load.FailureShare,
        };
    }

    private static TimeSpan Rest(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
