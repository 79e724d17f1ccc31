using System.Net;
using Microsoft.AspNetCore.Connections.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// What the door knows about one connection; a feature of the connection, so every request on it finds it. Absent under
/// servers other than Kestrel.
/// </summary>
internal sealed class DoorConnection(DoorKind kind, string scheme, EndPoint? remote = null)
{
    public const string Http = "http";
    public const string Https = "https";

    /// <summary>Connections in which the mesh has no part differ in nothing but the scheme.</summary>
    public static readonly DoorConnection ExemptHttp = new(DoorKind.Exempt, Http);

    /// <inheritdoc cref="ExemptHttp"/>
    public static readonly DoorConnection ExemptHttps = new(DoorKind.Exempt, Https);

    private string? _address;

    public DoorKind Kind => kind;

    /// <summary>The scheme of the transport.</summary>
    public string Scheme => scheme;

    /// <summary>Who the peer proved to be; <see langword="null"/> when it proved nothing.</summary>
    public MeshPeer? Peer { get; set; }

    /// <summary>Why the peer was refused; a word of the closed list.</summary>
    public string? Refused { get; set; }

    /// <summary>The handshake is done, and requests follow.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Asks for the end of the connection once what is in flight on it is done.</summary>
    public IConnectionLifetimeNotificationFeature? Lifetime { get; init; }

    /// <summary>Where the connection comes from, whatever headers say.</summary>
    public IPAddress? Remote => (remote as IPEndPoint)?.Address;

    /// <summary>The peer's address without its port, for lists of callers; made once.</summary>
    public string Address => _address ??= Remote?.ToString() ?? "unknown";
}
