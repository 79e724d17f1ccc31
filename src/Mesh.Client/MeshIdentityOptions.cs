using Mesh.Client.Security;

namespace Mesh.Client;

/// <summary>Who this process proves to be, and whom it trusts.</summary>
public sealed class MeshIdentityOptions
{
    /// <summary>Where it comes from. Default <see cref="MeshIdentitySource.Auto"/>.</summary>
    public MeshIdentitySource Source { get; set; } = MeshIdentitySource.Auto;

    /// <summary>
    /// How the path of a SPIFFE ID names a service; the same in all of the mesh. <c>{service}</c> once, <c>{datacenter}</c>
    /// at most once, each a whole segment. Default: as Consul writes it in its default namespace,
    /// <c>/ns/default/dc/{datacenter}/svc/{service}</c>.
    /// </summary>
    public string Path { get; set; } = IdentityPaths.ConsulShape;

    /// <summary>
    /// PEM: this process's certificate, then the intermediates that lead to a root. Read again within seconds of a change,
    /// with the other files; what does not fit together, or is half-written, leaves the last good state in force.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM: its private key, not encrypted. May be the same file.</summary>
    public string? KeyFile { get; set; }

    /// <summary>PEM: the roots of its trust domain; old and new ones together while they change.</summary>
    public string? RootsFile { get; set; }

    /// <summary>
    /// A folder with the roots of other trust domains, a file for each: <c>partner.example.pem</c>. Their services are known
    /// by their whole ID, never as services of this mesh. Default none: nobody of another trust domain is trusted.
    /// </summary>
    public string? RootsFolder { get; set; }

    /// <summary>Allows <see cref="MeshIdentitySource.Development"/> outside of the environment Development. Default false.</summary>
    public bool AllowDevelopment { get; set; }

    /// <summary>
    /// Where the development root is kept, readable by this user alone. Default: <c>mesh/development</c> in the user's folder
    /// for local application data.
    /// </summary>
    public string? DevelopmentFolder { get; set; }
}
