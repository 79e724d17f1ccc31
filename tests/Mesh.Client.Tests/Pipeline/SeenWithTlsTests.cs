using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>A service that was seen with TLS is not called in plaintext again.</summary>
public sealed class SeenWithTlsTests : IDisposable
{
    private readonly LogCollector _logs = new();
    private readonly ILoggerFactory _loggers;
    private readonly SecureMesh _mesh;

    public SeenWithTlsTests()
    {
        _loggers = LoggerFactory.Create(log => log.AddProvider(_logs));
        _mesh = Make();
        _mesh.WithIdentity();
    }

    [Fact]
    public async Task Proven_AllEndpointsSpeakTls_PlaintextIsRefusedFromThenOn()
    {
        _mesh.With(Member("a"));
        Prove(_mesh);

        _mesh.With(Plain("a"), Plain("b"));

        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(EndpointState.Insecure, e.State));
        using var client = _mesh.Mesh.HttpClient();
        var failure = await Assert.ThrowsAsync<MeshException>(() => client.GetAsync("/"));
        Assert.Equal(MeshFailureReason.PlaintextRefused, failure.Reason);
        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
        Assert.Equal(2, _logs.Of(3010).Length);
        Assert.Equal(2, _mesh.Mesh.Meters.Count(
            MeshTelemetry.Decisions, (MeshTelemetry.DecisionTag, "exclude"),
            (MeshTelemetry.ReasonTag, MeshReasons.PlaintextRefused)));
        Assert.True(_mesh.Remembered["orders"]);
    }

    [Fact]
    public async Task Refused_OneOfTwo_OtherGetsAllCalls()
    {
        _mesh.With(Member("a"));
        Prove(_mesh);
        _mesh.With(Member("a"), Plain("b"));
        using var client = _mesh.Mesh.HttpClient();

        for (var i = 0; i < 20; i++)
        {
            (await client.GetAsync("/")).Dispose();
        }

        Assert.Equal(20, _mesh.Mesh.Stubs.Sent.Count);
        Assert.All(_mesh.Mesh.Stubs.Sent, sent => Assert.Equal("a", sent.Endpoint));
    }

    [Fact]
    public void Proven_WhileOthersDoNotSpeakTlsYet_RefusesNobody()
    {
        _mesh.With(Member("a"), Plain("b"));

        Prove(_mesh);

        Assert.False(_mesh.Upstream.SeenWithTls);
        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(EndpointState.Ready, e.State));

        // The deployment ends, and with it the time in which plaintext is right.
        _mesh.With(Member("a"), Member("b"));
        _mesh.With(Member("a"), Plain("c"));
        Assert.Equal(EndpointState.Insecure, _mesh.Mesh.EndpointOf("c").State);
    }

    [Fact]
    public void Registered_NotProven_RefusesNobody()
    {
        _mesh.With(Member("a"));
        _mesh.With(Plain("a"));

        Assert.Equal(EndpointState.Ready, _mesh.Mesh.EndpointOf("a").State);
    }

    [Fact]
    public void Proven_DeadEndpointWithoutTls_DoesNotHoldItUp()
    {
        _mesh.With(Member("a"), Plain("b") with { Health = Client.Discovery.EndpointHealth.Critical });

        Prove(_mesh);

        Assert.True(_mesh.Upstream.SeenWithTls);
    }

    [Fact]
    public void Recalled_FromAnEarlierRun_RefusesFromTheFirstEndpointOn()
    {
        _mesh.Upstream.RecallTls();

        _mesh.With(Plain("a"));

        Assert.Equal(EndpointState.Insecure, _mesh.Mesh.EndpointOf("a").State);
    }

    [Fact]
    public void OutboundPlaintext_OfTheSecurityDocument_ForgetsAndAccepts()
    {
        _mesh.Upstream.RecallTls();
        _mesh.With(Plain("a"), Member("b"));
        Assert.Equal(EndpointState.Insecure, _mesh.Mesh.EndpointOf("a").State);

        _mesh.Demand(OutboundTls.Auto, "Orders");
        Prove(_mesh);

        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(EndpointState.Ready, e.State));
        Assert.False(_mesh.Remembered["orders"]);

        // Forgotten is forgotten, until all of the service is seen with TLS again.
        _mesh.Demand(OutboundTls.Auto);
        Assert.Equal(EndpointState.Ready, _mesh.Mesh.EndpointOf("a").State);
        _mesh.With(Member("b"));
        Assert.True(_mesh.Upstream.SeenWithTls);
    }

    [Fact]
    public void OutboundPlaintext_UnderRequire_HasNoEffect()
    {
        _mesh.With(Plain("a"), Member("b")).Demand(OutboundTls.Require, "orders");

        Assert.Equal(EndpointState.Insecure, _mesh.Mesh.EndpointOf("a").State);
        Assert.Equal(EndpointState.Ready, _mesh.Mesh.EndpointOf("b").State);
    }

    [Fact]
    public async Task Require_NoIdentity_FailsWithThatReason()
    {
        using var mesh = Make();
        mesh.Identity.Set(null);
        mesh.With(Member("a")).Demand(OutboundTls.Require);
        using var client = mesh.Mesh.HttpClient();

        var failure = await Assert.ThrowsAsync<MeshException>(() => client.GetAsync("/"));

        Assert.Equal(MeshFailureReason.NoIdentity, failure.Reason);
        mesh.WithIdentity();
        (await client.GetAsync("/")).Dispose();
    }

    [Fact]
    public async Task FirstCall_IdentityIsOnItsWay_WaitsForIt()
    {
        using var mesh = Make();
        mesh.With(Member("a", "strict"));
        using var client = mesh.Mesh.HttpClient();

        var call = client.GetAsync("/");
        Assert.False(call.IsCompleted);
        Assert.Null(mesh.Upstream.Runtime);
        mesh.WithIdentity();

        (await call.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        Assert.Single(mesh.Mesh.Stubs.Sent);
    }

    [Fact]
    public async Task FirstCall_IdentityNeverComes_IsMadeAsFarAsItMay()
    {
        using var mesh = Make(o => o.Discovery.FirstAnswerTimeout = TimeSpan.FromMilliseconds(50));
        mesh.With(Member("a"));
        using var client = mesh.Mesh.HttpClient();

        (await client.GetAsync("/")).Dispose();

        Assert.Equal(EndpointState.Ready, mesh.Mesh.EndpointOf("a").State);
    }

    public void Dispose()
    {
        _mesh.Dispose();
        _loggers.Dispose();
    }

    private static Client.Discovery.EndpointInfo Member(string id, string tls = "permissive") =>
        SecureMesh.Endpoint(id, 1000 + id[0], tls);

    private static Client.Discovery.EndpointInfo Plain(string id) => SecureMesh.Endpoint(id, 1000 + id[0], tls: null);

    private static void Prove(SecureMesh mesh) => mesh.Upstream.ConnectionOpened(ConnectionTls.Mutual, http2: true);

    private SecureMesh Make(Action<MeshOptions>? configure = null)
    {
        var mesh = new SecureMesh(configure, loggers: _loggers, sockets: false);
        mesh.Mesh.Meters.Listen();
        return mesh;
    }
}
