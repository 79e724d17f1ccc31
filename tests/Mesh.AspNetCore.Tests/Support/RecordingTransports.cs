using System.Collections.Concurrent;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>Endpoints that answer 200 without a socket, and remember which of them was asked.</summary>
internal sealed class RecordingTransports : ITransportFactory
{
    public ConcurrentQueue<string> Asked { get; } = new();

    public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint) => new Recording(endpoint.Id, this);

    private sealed class Recording(string id, RecordingTransports all) : EndpointTransport
    {
        public override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken)
        {
            all.Asked.Enqueue(id);
            return Task.FromResult(new HttpResponseMessage());
        }

        public override HttpResponseMessage Send(
            HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
            SendAsync(request, profile, cancellationToken).GetAwaiter().GetResult();

        public override void Dispose()
        {
        }
    }
}
