using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>Tells an upstream what becomes of connections to one of its endpoints.</summary>
internal sealed class DialReport(Upstream upstream, MeshEndpoint endpoint) : IDialObserver
{
    public void Opened(ConnectionTls tls, bool http2) => upstream.ConnectionOpened(tls, http2);

    public void NotSecured(string reason, string detail) => upstream.ConnectionNotSecured(endpoint, reason, detail);
}
