using System.Collections.Concurrent;
using System.Net;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Door;

/// <summary>What all endpoints' doors share: the mode, our identity, who is connected, and what is told about refusals.</summary>
internal sealed class DoorKeeper(
    IMeshIdentity identity,
    OwnPolicy policy,
    PeerVerifier verifier,
    IdentityPaths paths,
    DoorConnections connections,
    DoorInstruments instruments,
    IOptions<MeshServerOptions> options,
    TimeProvider time,
    ILogger<DoorKeeper> logger)
{
    // One line of each kind in ten seconds: whoever knocks decides how often.
    private readonly LogLimiter _lines = new(time, most: 1, window: TimeSpan.FromSeconds(10));

    // It stays so until somebody changes the program.
    private readonly LogLimiter _doorless = new(time, most: 1, window: TimeSpan.FromHours(1));

    // Grows only when endpoints are set up: at start, and when a reload of the configuration changes them. The newest comes
    // first: what was set up before at the same port is gone.
    private readonly ConcurrentStack<ListenOptions> _endpoints = new();

    // Read late: this is made before the settings are validated, and must not be where invalid ones are found.
    private int[]? _plainPorts;

    public IMeshIdentity Identity => identity;

    public PeerVerifier Verifier => verifier;

    public DoorConnections Connections => connections;

    public TimeProvider Time => time;

    public InboundTls Mode => policy.Security.InboundTls;

    /// <summary>
    /// A connection that begins with TLS is met with it. Under <see cref="InboundTls.Strict"/> even when there is no
    /// certificate to show: the handshake then fails, which is better said than garbage in an HTTP parser.
    /// </summary>
    public bool OffersTls => Mode switch
    {
        InboundTls.Off => false,
        InboundTls.Strict => true,
        _ => identity.Current is not null,
    };

    /// <summary>Kestrel's own limits; set when its options are.</summary>
    public KestrelServerLimits? Limits { get; set; }

    /// <summary>The least rate of a request's body; <see langword="null"/> is none.</summary>
    public MinDataRate? BodyRate => Limits?.MinRequestBodyDataRate;

    /// <summary>What the listener at a port speaks over TLS of the mesh; <see langword="null"/> when it has no door.</summary>
    public HttpProtocols? ProtocolsOf(int port)
    {
        foreach (var endpoint in _endpoints)
        {
            if (endpoint.EndPoint is IPEndPoint at && at.Port == port)
            {
                return endpoint.Protocols;
            }
        }

        return null;
    }

    /// <summary>An endpoint got the door; its port may not be known yet.</summary>
    public void Guards(ListenOptions endpoint) => _endpoints.Push(endpoint);

    /// <summary>
    /// Addresses that are let in unproven whatever the mode, and not counted: for the config server, whose own machine is
    /// the way in when what it handed out locks everybody out. Set before the server starts.
    /// </summary>
    public Func<IPAddress?, bool>? LetsIn { get; set; }

    /// <summary>Nobody proved to be anybody here, and strict has no exception for it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="from">Where it comes from.</param>
    public bool IsForStrangers(DoorConnection connection, IPAddress? from) =>
        connection.Peer is null && connection.Kind != DoorKind.Exempt && LetsIn?.Invoke(from) != true;

    /// <summary>The application itself lets schemes differ from the transport: then it is not for us to refuse them.</summary>
    public bool AcceptsAnyScheme { get; set; }

    /// <summary>The server is Kestrel, all of whose connections come through a door unless something is wrong.</summary>
    public bool IsKestrels { get; set; }

    /// <summary>Kestrel's endpoints could not be given the door, which was said at start.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The service an ID of our own trust domain names.</summary>
    public string? ServiceOf(SpiffeId id, MeshIdentity ours) =>
        id.TrustDomain == ours.TrustDomain ? paths.ServiceOf(id) : null;

    public bool IsPlainPort(int port) => Array.IndexOf(_plainPorts ??= [.. options.Value.PlainPorts], port) >= 0;

    /// <summary>
    /// The connection of a request: as its door knows it. One of Kestrel's that came through none (it could not be given to
    /// the endpoint, or something has replaced the endpoint's defaults since) has proved nothing, whatever it speaks: where
    /// strict is demanded, it is nobody's. Other servers have no doors: <see langword="null"/>.
    /// </summary>
    public DoorConnection? ConnectionOf(HttpContext context)
    {
        if (context.Features.Connection() is { } known)
        {
            return known;
        }

        if (!IsKestrels)
        {
            return null;
        }

        var isTls = context.Features.Get<ITlsConnectionFeature>() is not null;
        var (connection, scheme) = (context.Connection, isTls ? DoorConnection.Https : DoorConnection.Http);
        var doorless = !IsPlainPort(connection.LocalPort)
            ? new DoorConnection(
                DoorKind.Plaintext, scheme, connection.RemoteIpAddress is { } from ? new IPEndPoint(from, connection.RemotePort) : null)
            : isTls ? DoorConnection.ExemptHttps : DoorConnection.ExemptHttp;
        context.Features.Set(doorless);
        if (!IsBroken && _doorless.MayWrite("doorless", out _))
        {
            DoorLog.Doorless(logger, connection.LocalPort);
        }

        return doorless;
    }

    /// <summary>Somebody was refused.</summary>
    /// <param name="reason">A word of the closed list.</param>
    /// <param name="caller">An address or name, for the log only.</param>
    /// <param name="detail">One sentence, for the log only.</param>
    /// <param name="connectionId">As Kestrel writes it in its own log.</param>
    public void Refuse(string reason, string caller, string detail, string connectionId)
    {
        instruments.Refused(reason);
        if (_lines.MayWrite(reason, out var more))
        {
            DoorLog.Refused(logger, reason, caller, connectionId, detail, more);
        }
    }

    /// <summary>A header names another caller than the connection proved; the connection is believed.</summary>
    public void Mismatch(string claimed, string proved, string connectionId)
    {
        instruments.Mismatch();
        if (_lines.MayWrite("mismatch", out var more))
        {
            DoorLog.Mismatch(logger, ForeignText.Of(claimed), proved, connectionId, more);
        }
    }

    /// <summary>A handshake ended before anybody was known: no common version, a scanner, silence, our own expiry.</summary>
    public void HandshakeFailed(string connectionId)
    {
        instruments.Refused(MeshReasons.Handshake);
        DoorLog.HandshakeFailed(logger, connectionId);
    }
}
