namespace Mesh.Client;

/// <summary>
/// Makes meshed handlers for clients that do not come from <c>IHttpClientFactory</c>: <c>new HttpClient(...)</c>,
/// <c>GrpcChannelOptions.HttpHandler</c>, a forwarder.
/// </summary>
public interface IMeshHandlerFactory
{
    /// <summary>
    /// A handler that meshes requests to mesh names and passes all others to <paramref name="inner"/>. Handlers are cheap
    /// and share the connections, balancing and budgets of the process.
    /// </summary>
    /// <param name="name">Names the client in logs and metrics.</param>
    /// <param name="inner">What takes other requests; <see langword="null"/> means a new <see cref="SocketsHttpHandler"/>.</param>
    HttpMessageHandler CreateHandler(string name = "", HttpMessageHandler? inner = null);
}
