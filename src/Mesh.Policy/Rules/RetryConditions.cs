namespace Mesh.Policy;

/// <summary>Failures of a connection or a stream that a retry rule may name.</summary>
[Flags]
public enum RetryConditions
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>connect</c>: the connection was never made (refused, unreachable, timed out, TLS failed).</summary>
    Connect = 1,

    /// <summary><c>refused</c>: the peer said it did not process the request (REFUSED_STREAM, GOAWAY).</summary>
    Refused = 2,

    /// <summary><c>reset</c>: the connection or stream broke before response headers came.</summary>
    Reset = 4,
}
