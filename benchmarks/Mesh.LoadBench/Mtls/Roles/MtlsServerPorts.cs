namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>What a server process tells whoever started it: its own id, and where it listens.</summary>
/// <param name="ProcessId">For its processor time.</param>
/// <param name="Http1">HTTP/1.1 without TLS.</param>
/// <param name="Http2">HTTP/2 without TLS.</param>
/// <param name="Mtls">Both, behind a required client certificate.</param>
internal sealed record MtlsServerPorts(int ProcessId, int Http1, int Http2, int Mtls);
