namespace Mesh.Client.Attempts;

/// <summary>What became of one attempt, as balancing and outlier detection see it.</summary>
internal enum AttemptOutcome
{
    /// <summary>An answer that speaks well of the endpoint (also 4xx: the caller's mistake).</summary>
    Success,

    /// <summary>The caller gave up; says nothing about the endpoint.</summary>
    Cancelled,

    /// <summary>No connection; nothing was sent.</summary>
    ConnectFailed,

    /// <summary>The peer provably did not process the request (REFUSED_STREAM, GOAWAY, disposed transport).</summary>
    Refused,

    /// <summary>The connection or stream broke before response headers.</summary>
    Reset,

    /// <summary>The attempt's deadline, set by the mesh, passed.</summary>
    TimedOut,

    /// <summary>502, 503, 504, or gRPC UNAVAILABLE.</summary>
    GatewayError,

    /// <summary>Any other 5xx, or gRPC INTERNAL, UNKNOWN, DATA_LOSS.</summary>
    ServerError,

    /// <summary>429, or gRPC RESOURCE_EXHAUSTED: the endpoint is overloaded; bias, do not eject.</summary>
    Overloaded,

    /// <summary>The response body broke after its headers.</summary>
    BodyBroken,
}
