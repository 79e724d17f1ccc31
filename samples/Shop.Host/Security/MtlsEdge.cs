namespace Shop.Host.Security;

/// <summary>Who called whom, as the callee itself verified and wrote down.</summary>
/// <param name="Edge">By what the caller says it is.</param>
/// <param name="Peer">The SPIFFE ID of the certificate that came with its calls.</param>
/// <param name="Requests">Calls the callee's instances began.</param>
/// <param name="Verified">Those whose connection proved to be of the service that the caller says it is.</param>
/// <param name="Relay">The instance of the callee that has a relay in front.</param>
internal sealed record MtlsEdge(string Edge, string? Peer, long Requests, long Verified, string Relay);
