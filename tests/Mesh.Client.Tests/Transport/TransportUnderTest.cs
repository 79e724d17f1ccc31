using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Transport;
using Mesh.Testing;

namespace Mesh.Client.Tests.Transport;

/// <summary>A transport to a target that a test may move, with deadlines that a test may change.</summary>
internal sealed class TransportUnderTest : IDisposable
{
    public TransportUnderTest(string host, int port, TimeProvider? time = null, X509ChainPolicy? trust = null)
    {
        Target = (host, port);
        Transport = new SocketsEndpointTransport(
            new EndpointDialer(() => Target, () => Deadlines, trust, time ?? TimeProvider.System),
            new SeededRandom(1),
            propagator: null,
            meters: null);
    }

    public (string Host, int Port) Target { get; set; }

    public ConnectDeadlines Deadlines { get; set; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));

    public SocketsEndpointTransport Transport { get; }

    public Task<HttpResponseMessage> SendAsync(
        string uri, Version? version = null, ClientProfile? profile = null, CancellationToken cancellationToken = default) =>
        Transport.SendAsync(Request(uri, version), profile ?? ClientProfile.Default, cancellationToken);

    /// <summary>What the pipeline makes of the failure: the connect exception, wherever in the chain it is.</summary>
    public async Task<EndpointConnectException> FailAsync(string uri = "http://orders/")
    {
        for (Exception? e = await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(uri)); e is not null; e = e.InnerException)
        {
            if (e is EndpointConnectException connect)
            {
                return connect;
            }
        }

        throw new UnreachableException("No EndpointConnectException in the chain.");
    }

    public static HttpRequestMessage Request(string uri, Version? version = null) => new(HttpMethod.Get, uri)
    {
        Version = version ?? new Version(1, 1),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public void Dispose() => Transport.Dispose();
}
