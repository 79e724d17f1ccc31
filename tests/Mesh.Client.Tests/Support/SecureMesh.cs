using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Support;

/// <summary>
/// The mesh of the service <c>shop</c>, whose identity and policy the test decides, over real sockets.
/// </summary>
internal sealed class SecureMesh : ITlsMemory, IDisposable
{
    public SecureMesh(
        Action<MeshOptions>? configure = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        bool sockets = true,
        ITransportFactory? transports = null)
    {
        Policy.Settle();
        Mesh = new TestMesh(
            time,
            transports ?? (!sockets ? null : new SocketsTransportFactory(TimeProvider.System, new SeededRandom(3), propagator: null, meters: null)
            {
                Identity = Identity,
                Verifier = new PeerVerifier(TimeProvider.System),
            }),
            configure,
            loggers,
            Security = new OutboundSecurity(Identity, Policy, memory: this));
    }

    public TestAuthority Authority { get; } = new();

    public CurrentIdentity Identity { get; } = new();

    public OwnPolicy Policy { get; } = new("shop");

    public OutboundSecurity Security { get; }

    public TestMesh Mesh { get; }

    /// <summary>What was remembered for the next run.</summary>
    public Dictionary<string, bool> Remembered { get; } = [];

    public Upstream Upstream => Mesh.Upstream;

    /// <summary>An endpoint of <c>orders</c>, as it registers.</summary>
    public static EndpointInfo Endpoint(
        string id, int port, string? tls = "permissive", string protocols = "http1,http2") =>
        new()
        {
            Id = id,
            Host = "127.0.0.1",
            Port = port,
            Datacenter = "dc1",
            Metadata = tls is null
                ? new Dictionary<string, string>()
                : new Dictionary<string, string>
                {
                    [MeshMetadata.Schema] = "1",
                    [MeshMetadata.Tls] = tls,
                    [MeshMetadata.Protocols] = protocols,
                },
        };

    /// <summary>An identity of this authority, or of another one.</summary>
    public MeshIdentity Issue(string service = "shop", TestAuthority? authority = null, params TestAuthority[] trusted)
    {
        var issuer = authority ?? Authority;
        var leaf = issuer.Issue(service);
        var roots = new X509Certificate2Collection(issuer.Roots());
        foreach (var other in trusted)
        {
            roots.AddRange(other.Roots());
        }

        return MeshIdentity.Create(
            leaf.Leaf,
            leaf.Intermediates,
            new Dictionary<string, X509Certificate2Collection> { [issuer.TrustDomain] = roots });
    }

    public SecureMesh WithIdentity(MeshIdentity? identity = null)
    {
        Identity.Set(identity ?? Issue());
        return this;
    }

    public SecureMesh With(params EndpointInfo[] endpoints)
    {
        Mesh.WithEndpoints(endpoints);
        return this;
    }

    public SecureMesh Demand(OutboundTls mode, params string[] plaintext)
    {
        Policy.Set(
            new SecurityPolicy { Service = "shop", OutboundTls = mode, OutboundPlaintext = plaintext },
            new InboundPolicy(),
            unknown: false);
        return this;
    }

    public void RecordTls(string service, bool seen) => Remembered[service] = seen;

    public void Dispose()
    {
        Mesh.Dispose();
        Security.Dispose();
        Authority.Dispose();
    }
}
