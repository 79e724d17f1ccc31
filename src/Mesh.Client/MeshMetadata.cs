namespace Mesh.Client;

/// <summary>Keys of the metadata that make an endpoint a member, and describe it.</summary>
public static class MeshMetadata
{
    /// <summary>The schema of this metadata; its presence makes an endpoint a member.</summary>
    public const string Schema = "mesh-schema";

    /// <summary>Protocols the endpoint speaks to members: <c>http1</c>, <c>http2</c>, comma-separated.</summary>
    public const string Protocols = "mesh-protocols";

    /// <summary>
    /// Whether and how the endpoint speaks TLS to members: <c>permissive</c> (both) or <c>strict</c> (TLS only), on the port
    /// registered; absent for plaintext only.
    /// </summary>
    public const string Tls = "mesh-tls";

    /// <summary>The service's version.</summary>
    public const string Version = "version";

    /// <summary>The failure domain.</summary>
    public const string Zone = "zone";
}
