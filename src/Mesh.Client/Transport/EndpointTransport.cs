namespace Mesh.Client.Transport;

/// <summary>
/// The connections to one endpoint. Disposing lets running calls finish and closes idle connections at once; later sends
/// throw <see cref="ObjectDisposedException"/>, which proves that nothing was sent.
/// </summary>
internal abstract class EndpointTransport : IDisposable
{
    /// <summary>Sends one attempt. The request's URI, version and headers are used as they are.</summary>
    public abstract Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken);

    /// <inheritdoc cref="SendAsync"/>
    public abstract HttpResponseMessage Send(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken);

    /// <summary>Its connections are mutual TLS of the mesh, whatever the scheme of a request's URI says.</summary>
    public virtual bool IsSecure => false;

    /// <summary>Connections open now.</summary>
    public virtual int Connections => 0;

    /// <summary>Breaks every connection, whatever runs on it.</summary>
    public virtual void Abort()
    {
    }

    public abstract void Dispose();
}
