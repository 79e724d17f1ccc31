using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;
using Mesh.Testing;

namespace Mesh.Client.Tests.Security;

public sealed class MeshHandshakeTests : IDisposable
{
    private readonly TestAuthority _ours = new("mesh.test");
    private readonly TestAuthority _theirs = new("mesh.test");
    private readonly TestCertificate _leaf;
    private readonly TestCertificate _peer;
    private readonly PeerVerifier _verifier = new(TimeProvider.System);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SslServerAuthenticationOptions _server;

    public MeshHandshakeTests()
    {
        (_leaf, _peer) = (_ours.Issue("shop"), _theirs.Issue("orders"));
        _server = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                _peer.Leaf, _peer.Intermediates, offline: true),
            ClientCertificateRequired = true,
            CertificateChainPolicy = PeerVerifier.Undecided(),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        };
        _listener.Start();
    }

    [Fact]
    public async Task AsClient_SessionIsResumed_PeerIsJudgedByTheRootsOfNow()
    {
        var terms = Terms("orders", _ours, _theirs);
        var first = await ConnectAsync(terms);
        var second = await ConnectAsync(terms);

        // What a resumed handshake lacks is the peer's certificate: the first one sent it, the second did not.
        Assert.True(first - second >= _peer.Leaf.RawData.Length, $"Not resumed: {first} bytes, then {second}.");

        var refused = await Assert.ThrowsAsync<PeerRefusedException>(() => ConnectAsync(Terms("orders", _ours)));
        Assert.Equal(MeshReasons.PeerUntrusted, refused.Verdict.Reason);
        refused = await Assert.ThrowsAsync<PeerRefusedException>(() => ConnectAsync(Terms("billing", _ours, _theirs)));
        Assert.Equal(MeshReasons.WrongPeer, refused.Verdict.Reason);
    }

    [Fact]
    public async Task AsClient_RefusedOnce_IsNotLetInByAResumedSession()
    {
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<PeerRefusedException>(() => ConnectAsync(Terms("billing", _ours, _theirs)));
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _ours.Dispose();
        _theirs.Dispose();
    }

    private PeerTerms Terms(string service, params TestAuthority[] trusted)
    {
        var roots = new X509Certificate2Collection();
        foreach (var authority in trusted)
        {
            roots.AddRange(authority.Roots());
        }

        var identity = MeshIdentity.Create(
            _leaf.Leaf, _leaf.Intermediates,
            new Dictionary<string, X509Certificate2Collection> { ["mesh.test"] = roots });
        return new PeerTerms(identity, new SpiffeId("mesh.test", $"/ns/default/dc/dc1/svc/{service}"), "orders");
    }

    /// <summary>One connection; returns how many bytes the server sent for its handshake.</summary>
    private async Task<long> ConnectAsync(PeerTerms terms)
    {
        using var client = new TcpClient();
        var accepting = _listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint);
        using var accepted = await accepting;
        var counting = new CountingStream(accepted.GetStream());
        using var server = new SslStream(counting);
        var serving = ServeAsync(server);
        await using var stream = await MeshHandshake.AsClientAsync(
            client.GetStream(), terms, _verifier, [SslApplicationProtocol.Http2], CancellationToken.None);

        // Tickets for later sessions come with the first data.
        Assert.Equal(1, await stream.ReadAsync(new byte[1]));
        await serving;
        return counting.Written;
    }

    private async Task ServeAsync(SslStream server)
    {
        await server.AuthenticateAsServerAsync(_server);
        await server.WriteAsync(new byte[1]);
    }

    private sealed class CountingStream(Stream inner) : Support.DelegatingStream(inner)
    {
        public long Written { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written += buffer.Length;
            return base.WriteAsync(buffer, cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Written += count;
            base.Write(buffer, offset, count);
        }
    }
}
