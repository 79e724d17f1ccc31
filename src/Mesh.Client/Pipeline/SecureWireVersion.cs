using System.Net;
using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The HTTP version an attempt is sent with over mutual TLS of the mesh: always exact, and known beforehand, because the
/// endpoint registered what it speaks. First match wins:
/// <code>
/// request                                              sent
/// CONNECT (WebSocket on h2), gRPC                      2.0
/// HTTP/1.0                                             1.0
/// ws, wss                                              1.1
/// Connection, Upgrade or Transfer-Encoding are set     1.1
/// the application blocks its thread: HttpClient.Send   1.1
/// asks for exactly 1.1                                 1.1
/// asks for at least 2.0                                2.0
/// the endpoint did not register HTTP/2                 1.1
/// transport.protocol: http1                            1.1
/// transport.protocol: http2                            2.0
/// body over 64 KiB or of unknown length (*)            1.1
/// anything else                                        2.0
/// </code>
/// Bodies go apart because uploads share an HTTP/2 connection's window: a few that are not read would hold up every small
/// request on that connection. The platform has no blocking HTTP/2, and the headers named are errors there.
/// (*) JSON is serialised ahead to learn its length: <see cref="BodyReplay.IsReadAhead"/>.
/// </summary>
internal static class SecureWireVersion
{
    /// <summary>The largest body, in bytes, that shares a connection with others.</summary>
    public const int LargestSharedBody = 64 * 1024;

    /// <param name="request">The request.</param>
    /// <param name="endpoint">Where it is sent.</param>
    /// <param name="protocol">What policy says.</param>
    /// <param name="isGrpc">It is a gRPC call.</param>
    /// <param name="isSync">The application blocks its thread.</param>
    /// <param name="call">Reads the body ahead when its length decides; without one, nothing is read.</param>
    public static (Version Version, HttpVersionPolicy Policy) For(
        HttpRequestMessage request, EndpointInfo endpoint, TransportProtocol protocol, bool isGrpc, bool isSync = false,
        MeshCall? call = null) =>
        (Choose(request, endpoint, protocol, isGrpc, isSync, call), HttpVersionPolicy.RequestVersionExact);

    private static Version Choose(
        HttpRequestMessage request, EndpointInfo endpoint, TransportProtocol protocol, bool isGrpc, bool isSync,
        MeshCall? call)
    {
        var (version, policy) = (request.Version, request.VersionPolicy);
        if (isGrpc || request.Method == HttpMethod.Connect)
        {
            return HttpVersion.Version20;
        }

        if (version == HttpVersion.Version10)
        {
            return version;
        }

        if (isSync || IsOfHttp1(request) || (version.Major < 2 && policy == HttpVersionPolicy.RequestVersionExact))
        {
            return HttpVersion.Version11;
        }

        if (version.Major >= 2 && policy != HttpVersionPolicy.RequestVersionOrLower)
        {
            return HttpVersion.Version20;
        }

        return !endpoint.SpeaksHttp2 || protocol == TransportProtocol.Http1 ||
            (protocol == TransportProtocol.Auto && !IsShared(request.Content, call))
            ? HttpVersion.Version11
            : HttpVersion.Version20;
    }

    private static bool IsOfHttp1(HttpRequestMessage request)
    {
        if (request.RequestUri!.Scheme is "ws" or "wss")
        {
            return true;
        }

        return HttpInternals.PeekHeaders(request)?.NonValidated is { Count: > 0 } headers &&
            (headers.Contains("Connection") || headers.Contains("Upgrade") || headers.Contains("Transfer-Encoding"));
    }

    // The platform asks for the length too when it sends the body, and the content remembers it.
    private static bool IsShared(HttpContent? content, MeshCall? call) =>
        content is null || (content.Headers.ContentLength ?? call?.ReadBodyAhead()) <= LargestSharedBody;
}
