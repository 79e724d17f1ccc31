using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Support;

/// <summary>What one endpoint answers in a test without sockets.</summary>
internal sealed class ScriptedTransport(string id, ScriptedTransports all) : EndpointTransport
{
    public string Id => id;

    public override bool IsSecure => all.Secure;

    public bool IsDisposed { get; private set; }

    public override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return all.Answer(id, request, cancellationToken);
    }

    public override HttpResponseMessage Send(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
        SendAsync(request, profile, cancellationToken).GetAwaiter().GetResult();

    public override void Dispose() => IsDisposed = true;
}
