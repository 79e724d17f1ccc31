namespace Mesh.Consul;

/// <summary>A service's certificate with its key. Its text never has the key.</summary>
public sealed class ConnectLeaf
{
    /// <summary>The certificate and the intermediates that lead to a root, as PEM.</summary>
    public required string CertificatePem { get; init; }

    /// <summary>The private key, as PEM. Not for disks, logs or views.</summary>
    public required string PrivateKeyPem { get; init; }

    /// <summary>The SPIFFE ID, <c>spiffe://&lt;trust domain&gt;/ns/default/dc/&lt;datacenter&gt;/svc/&lt;service&gt;</c>.</summary>
    public required string ServiceUri { get; init; }

    /// <summary>The SPIFFE ID alone.</summary>
    public override string ToString() => ServiceUri;
}
