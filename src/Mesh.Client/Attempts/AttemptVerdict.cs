using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>What became of one attempt, and all that decides whether another follows.</summary>
internal readonly record struct AttemptVerdict
{
    /// <summary>What balancing and outlier detection learn.</summary>
    public required AttemptOutcome Outcome { get; init; }

    /// <summary>What it proves about the request.</summary>
    public Proof Proof { get; init; }

    /// <summary>The failure of a connection by the name a retry rule gives it; none for answers and timeouts.</summary>
    public RetryConditions Condition { get; init; }

    /// <summary>The transport was retired between pick and send: the mesh's own doing, so always tried again.</summary>
    public bool TransportGone { get; init; }

    /// <summary>
    /// Why the endpoint should not be tried again before others, by a word of <see cref="MeshReasons"/>: nobody listens
    /// there, or it is somebody else.
    /// </summary>
    public string? Suspicion { get; init; }

    /// <summary>The mesh of an overloaded member turned the request away before its application saw it.</summary>
    public bool IsShed { get; init; }

    /// <summary>The status of the answer; 0 when there was none.</summary>
    public int StatusCode { get; init; }

    /// <summary>The gRPC status of a trailers-only answer, else -1.</summary>
    public int GrpcStatus { get; init; }

    /// <summary>How long the endpoint asked to be spared.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What a gRPC server asked for.</summary>
    public Pushback Pushback { get; init; }

    /// <summary>The reason of a call that ends with this failure.</summary>
    public MeshFailureReason Reason { get; init; }

    /// <summary>An answer or a caller's own doing: nothing the mesh would try again.</summary>
    public bool IsFinal => Outcome is AttemptOutcome.Success or AttemptOutcome.Cancelled;
}
