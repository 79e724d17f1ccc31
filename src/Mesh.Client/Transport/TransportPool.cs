namespace Mesh.Client.Transport;

/// <summary>A pool of connections to one endpoint: for calls of one profile over one version of HTTP.</summary>
/// <param name="Profile">What the client wants of its handler.</param>
/// <param name="Http2">
/// For HTTP/2, with pings. A handler that may have to ping wakes every few seconds for it, whatever it is used for: with
/// hundreds of endpoints that is what an idle process would spend its time on.
/// </param>
/// <param name="Invoker">Its handler.</param>
internal sealed record TransportPool(ClientProfile Profile, bool Http2, HttpMessageInvoker Invoker);
