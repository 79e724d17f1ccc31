namespace Mesh.Client;

/// <summary>Settings of the connections between members: section <c>Mesh:Connections</c>.</summary>
public sealed class MeshConnectionOptions
{
    /// <summary>
    /// After a new certificate or root: within this time every endpoint gets new connections, each at a moment of its own
    /// so that the handshakes do not come all at once, and the old ones close as their calls end. 10 s to 1 h; default 60 s.
    /// </summary>
    public TimeSpan RenewWithin { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long calls that were running on an old connection may go on before it is broken: streams that never end would keep
    /// it open for ever. 1 min to 24 h, and no less than <see cref="RenewWithin"/>; default 1 h.
    /// </summary>
    public TimeSpan BreakAfter { get; set; } = TimeSpan.FromHours(1);
}
