namespace Mesh.Client.Transport;

/// <summary>Hears how the connections to one endpoint come about.</summary>
internal interface IDialObserver
{
    /// <summary>One was opened.</summary>
    /// <param name="tls">What kind it is of.</param>
    /// <param name="http2">It is for HTTP/2.</param>
    void Opened(ConnectionTls tls, bool http2);

    /// <summary>One could not be made secure.</summary>
    /// <param name="reason">A word of <see cref="MeshReasons"/>.</param>
    /// <param name="detail">What happened, for the log.</param>
    void NotSecured(string reason, string detail);
}
