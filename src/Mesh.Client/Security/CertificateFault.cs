namespace Mesh.Client.Security;

/// <summary>Why a certificate is refused.</summary>
/// <param name="Reason">A word of <see cref="MeshReasons"/>.</param>
/// <param name="Detail">One sentence for logs, with names and times.</param>
internal sealed record CertificateFault(string Reason, string Detail);
