using Mesh.Consul;

namespace Mesh.Client;

/// <summary>
/// Settings of the mesh in this process: section <c>Mesh</c> of the configuration. Validated at start, all problems at once.
/// </summary>
public sealed class MeshOptions
{
    /// <summary>
    /// The mesh's name and the prefix of its keys in Consul KV: two meshes can share one Consul. Default <c>mesh</c>.
    /// </summary>
    public string Name { get; set; } = "mesh";

    /// <summary>This process's own service name. Default: the application's name, lower case, dots as dashes.</summary>
    public string? Service { get; set; }

    /// <summary>This instance, unique within the service. Default: <c>&lt;service&gt;-&lt;host&gt;-&lt;8 random hex digits&gt;</c>.</summary>
    public string? Instance { get; set; }

    /// <summary>
    /// This instance's version, registered as metadata. Default: the entry assembly's informational version without its
    /// build metadata (what follows a plus sign).
    /// </summary>
    public string? Version { get; set; }

    /// <summary>The failure domain this instance runs in, registered as metadata <c>zone</c>.</summary>
    public string? Zone { get; set; }

    /// <summary>
    /// Host suffixes that make a dotted name a mesh name: <c>orders.mesh</c>, <c>orders.service.consul</c>. Default
    /// <c>.mesh</c> and <c>.service.consul</c>; a list in the configuration replaces them.
    /// </summary>
    public IList<string> Suffixes { get; } = [".mesh", ".service.consul"];

    /// <summary>Which names the mesh takes. Default <see cref="MeshAdoption.All"/>.</summary>
    public MeshAdoption Adopt { get; set; } = MeshAdoption.All;

    /// <summary>
    /// Calls to services of the mesh by clients the mesh knows nothing of, such as <c>new HttpClient()</c>, are counted as
    /// <see cref="MeshTelemetry.Bypassed"/>, with a warning for each service. Default true.
    /// </summary>
    public bool CountBypassed { get; set; } = true;

    /// <summary>What happens to a name that Consul has never heard of. Default <see cref="UnknownServices.PassThrough"/>.</summary>
    public UnknownServices UnknownServices { get; set; } = UnknownServices.PassThrough;

    /// <summary>Upstreams this process is known to call, by service name: prefetched at start, and never passed through.</summary>
    public IDictionary<string, MeshUpstreamOptions> Upstreams { get; } =
        new Dictionary<string, MeshUpstreamOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where Consul is; unset values come from Consul's own environment variables.</summary>
    public ConsulClientOptions Consul { get; } = new();

    /// <summary>Discovery and its safety nets.</summary>
    public MeshDiscoveryOptions Discovery { get; } = new();

    /// <summary>
    /// The config server, e.g. <c>http://127.0.0.1:8600</c>; its replicas separated by commas, or as a list in the
    /// configuration. One of them is asked, another when it is lost, Consul KV when all are lost for half a minute. An
    /// <c>http</c> address is used as written; under <c>https</c> a process with an identity wants that of service
    /// <c>mesh-desk</c> (one whose certificate is of no mesh: its name, and the roots of the machine). Default none: a desk
    /// that Consul lists and that proves to be <c>mesh-desk</c>, else Consul KV; in Development any that Consul lists.
    /// </summary>
    public string? ConfigServer { get; set; }

    /// <summary>The bearer token for <see cref="ConfigServer"/>, when it wants one.</summary>
    public string? ConfigServerToken { get; set; }

    /// <summary>
    /// A folder of policy documents (<c>policy/global.json</c>, <c>policy/services/orders.json</c>, ...) used when neither
    /// config server nor Consul KV has ever answered. Default none.
    /// </summary>
    public string? PolicyFolder { get; set; }

    /// <summary>Connections between members.</summary>
    public MeshConnectionOptions Connections { get; } = new();

    /// <summary>Who this process proves to be.</summary>
    public MeshIdentityOptions Identity { get; } = new();

    /// <summary>The snapshot that lets a process start while Consul is down.</summary>
    public MeshSnapshotOptions Snapshot { get; } = new();

    /// <summary>The access log.</summary>
    public MeshAccessLogOptions AccessLog { get; } = new();

    /// <summary>What of requests may be traced.</summary>
    public MeshTelemetryOptions Telemetry { get; } = new();

    /// <summary>What of the configuration could not be read at all; told together with what is out of bounds.</summary>
    internal List<string> Unreadable { get; } = [];
}
