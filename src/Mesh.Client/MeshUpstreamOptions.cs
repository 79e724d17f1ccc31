namespace Mesh.Client;

/// <summary>What configuration says about one upstream.</summary>
public sealed class MeshUpstreamOptions
{
    /// <summary>
    /// Static endpoints, e.g. <c>127.0.0.1:5001</c> or <c>http://10.0.0.7:8080</c>. When any is given, Consul is not asked
    /// for this service.
    /// </summary>
    public IList<string> Endpoints { get; } = [];

    /// <summary>A port other than the scheme's default with which this name is still meshed.</summary>
    public int? Port { get; set; }

    /// <summary>
    /// The service knows nothing of meshes and is reached through the proxy of Consul Connect that stands in front of each
    /// instance: mutual TLS, under Consul's intentions. Needs an identity from the same Consul. Default false.
    /// </summary>
    public bool Sidecar { get; set; }
}
