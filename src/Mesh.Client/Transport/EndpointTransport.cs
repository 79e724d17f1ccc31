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

    /// <summary>Connections open now.</summary>
    public virtual int Connections => 0;

    public abstract void Dispose();
}
