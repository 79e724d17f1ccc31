namespace Mesh.Consul;

/// <summary>A root of Connect's authority.</summary>
/// <param name="Id">Its fingerprint, in Consul's notation.</param>
/// <param name="CertificatePem">The certificate, as PEM.</param>
public sealed record ConnectRoot(string Id, string CertificatePem);
