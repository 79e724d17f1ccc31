namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>What one client process is, for the whole run.</summary>
/// <param name="Url">What it calls.</param>
/// <param name="UsesHttp2">A plain client's version; the mesh chooses by itself.</param>
/// <param name="Certificates">The folder of the certificates of a plain client that speaks mTLS.</param>
/// <param name="Consul">The agent of a client of the mesh.</param>
/// <param name="ServerIds">The processes that answer, for their processor time.</param>
/// <param name="ProxyIds">Processes in between.</param>
internal sealed record MtlsClientSetup(
    string Url, bool UsesHttp2, string? Certificates, string? Consul, int[] ServerIds, int[] ProxyIds);
