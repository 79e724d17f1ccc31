namespace Mesh.Client.Discovery;

/// <summary>
/// One endpoint as its source describes it: replaced as a whole, while the endpoint's state lives on.
/// </summary>
internal sealed record EndpointInfo
{
    /// <summary>
    /// Survives changes of metadata and health: node and instance ID for Consul, <c>host:port</c> for static ones.
    /// </summary>
    public required string Id { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Effective Consul weight for the current health, at least 1.</summary>
    public int Weight { get; init; } = 1;

    public EndpointHealth Health { get; init; }

    /// <summary>True while the source no longer lists it but its absence is not yet believed.</summary>
    public bool Vanished { get; init; }

    public string? Node { get; init; }

    public string? Datacenter { get; init; }

    public string? Zone { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyDictionary<string, string> Metadata
    {
        get;
        init
        {
            field = value;
            IsMember = value.ContainsKey(MeshMetadata.Schema);
            Tls = EndpointTlsWords.Parse(value);
            SpeaksHttp2 = EndpointTlsWords.ListsHttp2(value);
        }
    } = new Dictionary<string, string>();

    /// <summary>The endpoint registered that it speaks mesh. Kept, because every attempt asks.</summary>
    public bool IsMember { get; private init; }

    /// <summary>What the endpoint registered of its door.</summary>
    public EndpointTls Tls { get => IsSidecar ? EndpointTls.Strict : field; private init; }

    /// <summary>The endpoint registered that it speaks HTTP/2 to members.</summary>
    public bool SpeaksHttp2 { get; private init; }

    /// <summary>
    /// What is dialled speaks Consul Connect and knows nothing of our mesh, mostly a proxy in front of the service: TLS
    /// only, with the identity of the service.
    /// </summary>
    public bool IsSidecar { get; init; }
}
