using Mesh.Client.Pipeline;
using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Support;

/// <summary>Transports that send nothing and remember whether they were ended.</summary>
internal sealed class StubTransports : ITransportFactory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<MeshEndpoint, StubTransport> _made = [];

    public int Made
    {
        get
        {
            lock (_gate)
            {
                return _made.Count;
            }
        }
    }

    public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint)
    {
        lock (_gate)
        {
            var transport = new StubTransport();
            _made[endpoint] = transport;
            return transport;
        }
    }

    internal sealed class StubTransport : EndpointTransport
    {
        public int Disposals { get; private set; }

        public override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, profile, cancellationToken));

        public override HttpResponseMessage Send(
            HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(Disposals > 0, this);
            return new HttpResponseMessage();
        }

        public override void Dispose() => Disposals++;
    }
}
