using System.Net;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The HTTP version an attempt is sent with, so that one attempt is one request of one version. Never 3.0: the mesh
/// connects over TCP.
/// <code>
/// URI           asked                         sent
/// any           CONNECT (WebSocket on h2)     2.0 exactly
/// ws, wss       anything                      1.1 exactly
/// http          1.x, or any version or lower  1.1 exactly (1.0 stays)
/// http          2.0 or 3.0, exactly or more   2.0 exactly, prior knowledge
/// https         1.1 or 1.1 or lower           as asked
/// https         1.1 or higher; 2.0 or 3.0 or lower    2.0 or lower: ALPN decides
/// https         2.0 or 3.0, exactly or more   2.0 exactly
/// </code>
/// </summary>
internal static class WireVersion
{
    public static (Version Version, HttpVersionPolicy Policy) For(HttpRequestMessage request)
    {
        var version = request.Version;
        var policy = request.VersionPolicy;
        var scheme = request.RequestUri!.Scheme;
        if (request.Method == HttpMethod.Connect)
        {
            return (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        if (scheme is "ws" or "wss")
        {
            return (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
        }

        if (scheme == "http")
        {
            return version.Major >= 2 && policy != HttpVersionPolicy.RequestVersionOrLower
                ? (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)
                : (version.Major >= 2 ? HttpVersion.Version11 : version, HttpVersionPolicy.RequestVersionExact);
        }

        return (version.Major, policy) switch
        {
            (< 2, HttpVersionPolicy.RequestVersionOrHigher) or (>= 2, HttpVersionPolicy.RequestVersionOrLower) =>
                (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
            (>= 2, _) => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact),
            _ => (version, policy),
        };
    }
}
