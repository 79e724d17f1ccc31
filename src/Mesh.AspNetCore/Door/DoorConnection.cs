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
    private volatile string? _lapse;
    private long _lastCall;

    public DoorKind Kind => kind;

    /// <summary>The scheme of the transport.</summary>
    public string Scheme => scheme;

    /// <summary>Who the peer proved to be; <see langword="null"/> when it proved nothing.</summary>
    public MeshPeer? Peer { get; set; }

    /// <summary>Why the peer was refused; a word of the closed list.</summary>
    public string? Refused { get; set; }

    /// <summary>The handshake is done; of a connection over TLS.</summary>
    public bool IsOpen { get; set; }

    /// <summary>
    /// Why what the peer proved counts no more: a word of the closed list; <see langword="null"/> while it counts.
    /// </summary>
    public string? Lapse => _lapse;

    /// <summary>Asks for the end of the connection once what is in flight on it is done.</summary>
    public IConnectionLifetimeNotificationFeature? Lifetime { get; init; }

    /// <summary>Where the connection comes from, whatever headers say.</summary>
    public IPAddress? Remote => (remote as IPEndPoint)?.Address;

    /// <summary>The peer's address without its port, for lists of callers; made once.</summary>
    public string Address => _address ??= Remote?.ToString() ?? "unknown";

    /// <summary>What the peer proved counts no more; once, and followed by <see cref="Dismiss"/>.</summary>
    /// <returns>False when that was known.</returns>
    public bool Lapses(string reason) => Interlocked.CompareExchange(ref _lapse, reason, null) is null;

    /// <summary>
    /// Asks the peer to go. HTTP/2 leaves it to the peer to begin more requests after that, for as long as one runs: those
    /// are served until the last call and no longer.
    /// </summary>
    /// <param name="lastCall">A timestamp.</param>
    public void Dismiss(long lastCall)
    {
        Volatile.Write(ref _lastCall, lastCall);
        Lifetime?.RequestClose();
    }

    /// <summary>The last call is over.</summary>
    public bool IsOver(TimeProvider time) =>
        Volatile.Read(ref _lastCall) is not 0 and var last && time.GetTimestamp() >= last;
}
