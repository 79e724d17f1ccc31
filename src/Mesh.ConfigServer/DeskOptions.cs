using Mesh.Consul;

namespace Mesh.ConfigServer;

/// <summary>
/// Settings of the desk: section <c>Desk</c> of the configuration. Validated at start, all problems at once.
/// </summary>
internal sealed class DeskOptions
{
    public const string Section = "Desk";

    public const string DefaultUrls = "http://127.0.0.1:8600";

    /// <summary>The mesh's name and the prefix of its keys in Consul KV. Default <c>mesh</c>.</summary>
    public string Mesh { get; set; } = "mesh";

    /// <summary>Where Consul is; unset values come from Consul's own environment variables.</summary>
    public ConsulClientOptions Consul { get; } = new();

    /// <summary>
    /// Where the desk listens, separated by <c>;</c>. Default: <c>--urls</c> or <c>ASPNETCORE_URLS</c>, else
    /// <c>http://127.0.0.1:8600</c>. Anything but loopback needs a <see cref="Token"/>.
    /// </summary>
    public string? Urls { get; set; }

    /// <summary>The bearer token every request must carry, at least 16 characters. Default none.</summary>
    public string? Token { get; set; }

    /// <summary>
    /// Where the desk keeps what it last knew, so that it survives its own restart while Consul is down. Default:
    /// <c>mesh/desk</c> in the user's folder for local application data.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>
    /// False leaves the desk out of Consul's catalog: then it has an identity only when <c>Mesh:Identity</c> names a source.
    /// Default true.
    /// </summary>
    public bool Register { get; set; } = true;

    /// <summary>
    /// Longest silence on a stream, 100 ms to 10 s; clients take three times that for a loss. Default 5 s.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Changes that come within this time go out as one, 0 to 5 s. Default 100 ms.</summary>
    public TimeSpan Coalesce { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Streams open at once, at least 1; more are refused with 503. Default 10,000.</summary>
    public int MaxStreams { get; set; } = 10_000;

    /// <summary>A client not heard of for this long is forgotten, 1 s to 1 h. Default 2 min.</summary>
    public TimeSpan ClientExpiry { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Clients remembered at once, at least 1; reports of further ones are refused with 503. Default 20,000.
    /// </summary>
    public int MaxClients { get; set; } = 20_000;

    /// <summary>What the configuration said and nobody could read.</summary>
    internal List<string> Unreadable { get; } = [];
}
