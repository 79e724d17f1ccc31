using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>When connections are renewed, on a clock that only the test moves.</summary>
public sealed class ConnectionRenewalTests : IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly CountingTransports _transports = new();
    private readonly SecureMesh _mesh;

    public ConnectionRenewalTests()
    {
        _mesh = new SecureMesh(time: _time, transports: _transports);
        _mesh.WithIdentity().With([.. Enumerable.Range(0, 40).Select(i => SecureMesh.Endpoint($"e{i}", 1000 + i))]);
        Use();
    }

    [Fact]
    public void NewIdentity_ManyEndpoints_AreRenewedOneAfterAnother()
    {
        _mesh.WithIdentity();
        Assert.Equal(40, Use());

        var renewed = new List<int>();
        for (var second = 0; second < 60; second += 5)
        {
            var before = _transports.Made.Count;
            _time.Advance(TimeSpan.FromSeconds(5));
            Use();
            renewed.Add(_transports.Made.Count - before);
        }

        Assert.Equal(40, renewed.Sum());
        Assert.InRange(renewed.Max(), 1, 12);
        Assert.All(_transports.Made.Take(40), transport => Assert.True(transport.IsDisposed));
        Assert.All(_transports.Made.Skip(40), transport => Assert.False(transport.IsDisposed));
    }

    [Fact]
    public void NewIdentity_TwiceInARow_RenewsOnce()
    {
        _mesh.WithIdentity();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        _mesh.WithIdentity();

        _time.Advance(Within);
        Use();

        Assert.Equal(80, _transports.Made.Count);
    }

    [Fact]
    public void NewIdentity_CallRunsOn_ItsConnectionIsEndedButNotBroken()
    {
        var endpoint = _mesh.Upstream.Endpoints[0];
        var old = (CountingTransport)endpoint.Transport;
        old.Open = 1;
        endpoint.Begin();
        _mesh.WithIdentity();

        _time.Advance(Within);

        Assert.NotSame(old, endpoint.Transport);
        Assert.True(old.IsDisposed);
        Assert.False(old.IsAborted);
        Assert.Equal(1, endpoint.OldConnections);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(old.IsAborted);
        Assert.Equal(0, endpoint.OldConnections);
    }

    [Fact]
    public void NewIdentity_AgainAndAgain_KeepsNothing()
    {
        var endpoint = _mesh.Upstream.Endpoints[0];
        endpoint.Begin();
        for (var i = 0; i < 20; i++)
        {
            _mesh.WithIdentity();
            _time.Advance(Within + Within);
            Use();
        }

        Assert.Equal(40, _transports.Made.Count(transport => !transport.IsDisposed));
        Assert.Equal(0, endpoint.OldConnections);
    }

    [Fact]
    public void FirstIdentity_ReplacesPlaintextAtOnce()
    {
        using var mesh = new SecureMesh(time: _time, transports: _transports);
        mesh.Identity.Set(null);
        mesh.With(SecureMesh.Endpoint("a", 1));
        var plain = mesh.Upstream.Endpoints[0].Transport;
        Assert.Null(mesh.Upstream.Endpoints[0].Wire.Expected);

        mesh.WithIdentity();

        Assert.NotNull(mesh.Upstream.Endpoints[0].Wire.Expected);
        Assert.NotSame(plain, mesh.Upstream.Endpoints[0].Transport);
        Assert.True(((CountingTransport)plain).IsDisposed);
    }

    [Fact]
    public void Endpoint_BeginsToSpeakTls_GetsNewConnectionsAtOnce()
    {
        _mesh.With(SecureMesh.Endpoint("a", 1, tls: null));
        var endpoint = _mesh.Mesh.EndpointOf("a");
        var plain = endpoint.Transport;

        _mesh.With(SecureMesh.Endpoint("a", 1));

        Assert.Same(endpoint, _mesh.Mesh.EndpointOf("a"));
        Assert.NotSame(plain, endpoint.Transport);
    }

    [Fact]
    public void LostIdentity_KeepsConnections()
    {
        var before = _mesh.Upstream.Endpoints[0].Transport;

        _mesh.Identity.Set(null);
        _time.Advance(Within);

        Assert.Same(before, _mesh.Upstream.Endpoints[0].Transport);
    }

    [Fact]
    public void IdentityComesBack_RenewsOverTime()
    {
        var before = _mesh.Upstream.Endpoints[0].Transport;
        _mesh.Identity.Set(null);

        _mesh.WithIdentity();
        _time.Advance(Within);

        Assert.NotSame(before, _mesh.Upstream.Endpoints[0].Transport);
    }

    public void Dispose() => _mesh.Dispose();

    /// <summary>Every endpoint is called; returns how many there are.</summary>
    private int Use() => _mesh.Upstream.Endpoints.Select(e => e.Transport).Distinct().Count();

    private sealed class CountingTransports : ITransportFactory
    {
        public List<CountingTransport> Made { get; } = [];

        public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint)
        {
            Made.Add(new CountingTransport());
            return Made[^1];
        }
    }

    private sealed class CountingTransport : EndpointTransport
    {
        public int Open { get; set; }

        public bool IsDisposed { get; private set; }

        public bool IsAborted { get; private set; }

        public override int Connections => Open;

        public override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage());

        public override HttpResponseMessage Send(
            HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) => new();

        public override void Abort() => (IsAborted, Open) = (true, 0);

        public override void Dispose() => IsDisposed = true;
    }
}
