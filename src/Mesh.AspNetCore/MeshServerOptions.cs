namespace Mesh.AspNetCore;

/// <summary>
/// The inbound half of the mesh: section <c>Mesh:Server</c> of the configuration. Validated at start, all problems at
/// once.
/// </summary>
public sealed class MeshServerOptions
{
    /// <summary>Who registers this instance. Default <see cref="MeshRegistration.Self"/>.</summary>
    public MeshRegistration Registration { get; set; } = MeshRegistration.Self;

    /// <summary>
    /// With <see cref="MeshRegistration.External"/>: the ID under which this instance was registered. Default: found by
    /// service name, port and address.
    /// </summary>
    public string? InstanceId { get; set; }

    /// <summary>
    /// The address callers dial: <c>10.0.0.7</c>, <c>web1.internal</c>, or with the port as seen from outside of a NAT,
    /// <c>203.0.113.9:8080</c>. Default: the address Kestrel is bound to; when that is a wildcard, this machine's
    /// address on the way to Consul.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// Ports that the mesh leaves as they are, whatever <c>inbound.tls</c> says: for health checks, metrics and
    /// administration by those who have no certificate. The number is that on which the process listens, 1 to 65535.
    /// Whatever the application serves there is served to anybody: separate it with <c>RequireHost("*:8081")</c>. Default
    /// none.
    /// </summary>
    public IList<int> PlainPorts { get; } = [];

    /// <summary>Tags to register.</summary>
    public IList<string> Tags { get; } = [];

    /// <summary>
    /// Metadata to register beside the mesh's own; subsets select by it. Consul's limits hold: keys of letters, digits,
    /// <c>-</c> and <c>_</c> up to 128 characters, values up to 512, 64 pairs with the mesh's own.
    /// </summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Consul's cluster peers by name, each with its trust domain: intentions about services of a peer are about callers of
    /// that trust domain, whose roots are in <c>Mesh:Identity:RootsFolder</c>. Default none: no intention is about a caller of
    /// another trust domain.
    /// </summary>
    public IDictionary<string, string> Peers { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The share of traffic to ask for.</summary>
    public MeshServerWeights Weights { get; } = new();

    /// <summary>How Consul learns whether this instance is well. Default <see cref="MeshCheckKind.Ttl"/>.</summary>
    public MeshCheckKind Check { get; set; } = MeshCheckKind.Ttl;

    /// <summary>
    /// Without a heartbeat for this long, Consul calls the instance critical; 3 s to 10 min. Default 15 s.
    /// </summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Pause between heartbeats, and between looks whether Consul still knows the instance; 1 s to half of
    /// <see cref="Ttl"/>. Default 5 s.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>With <see cref="MeshCheckKind.Http"/>: the path the agent requests. Default <c>/healthz</c>.</summary>
    public string CheckPath { get; set; } = "/healthz";

    /// <summary>
    /// With <see cref="MeshCheckKind.Http"/>: pause between the agent's requests, 1 s to 10 min. Default 10 s.
    /// </summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the application's health checks tagged <c>ready</c> may take before the instance reports itself
    /// critical, 100 ms to 1 min; with <see cref="MeshCheckKind.Http"/> also the agent's limit. Default 3 s.
    /// </summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Consul forgets the instance when it was critical for this long (its process was killed), at least 1 min;
    /// <see langword="null"/> keeps it for ever. Default 10 min.
    /// </summary>
    public TimeSpan? DeregisterCriticalServiceAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether the process tells its callers before it stops. Default true. False is a lever for emergencies and tests: the
    /// server closes at once, calls that are on their way fail, and Consul hears of it last.
    /// </summary>
    public bool Drain { get; set; } = true;

    /// <summary>
    /// How long the process goes on serving after it left Consul, so that every caller has heard of it; 0 to 5 min. It
    /// counts towards the host's shutdown timeout. Default 2 s, and 0 in the Development environment.
    /// </summary>
    public TimeSpan? DrainDelay { get; set; }

    /// <summary>How long leaving Consul may take when the process stops, 100 ms to 1 min. Default 2 s.</summary>
    public TimeSpan DeregisterTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What the configuration said and nobody could read.</summary>
    internal List<string> Unreadable { get; } = [];
}
