namespace Mesh.Policy;

/// <summary>The version of HTTP between members with identities: <c>transport.protocol</c>.</summary>
public enum TransportProtocol
{
    /// <summary>HTTP/2 for ordinary calls, HTTP/1.1 for upgrades and big bodies. The default.</summary>
    Auto,

    /// <summary>HTTP/1.1 for everything that does not need HTTP/2.</summary>
    Http1,

    /// <summary>HTTP/2 for everything that does not need HTTP/1.1.</summary>
    Http2,
}
