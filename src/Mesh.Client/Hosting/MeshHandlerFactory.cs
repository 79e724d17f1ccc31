namespace Mesh.Client.Hosting;

/// <summary>Meshed handlers for clients that do not come from <c>IHttpClientFactory</c>.</summary>
internal sealed class MeshHandlerFactory(MeshHandlers handlers) : IMeshHandlerFactory
{
    /// <summary>
    /// How long a connection to a name that is not the mesh's is kept, so that a change in DNS is noticed: what the
    /// factory of clients has too.
    /// </summary>
    private static readonly TimeSpan OwnLifetime = TimeSpan.FromMinutes(2);

    public HttpMessageHandler CreateHandler(string name = "", HttpMessageHandler? inner = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        inner ??= new SocketsHttpHandler { PooledConnectionLifetime = OwnLifetime };

        var primary = inner;
        while (primary is DelegatingHandler { InnerHandler: { } next })
        {
            primary = next;
        }

        PrimaryHandler.TurnGrpcBalancerOff(primary);
        var handler = handlers.Create(PrimaryHandler.Settings(name, primary, retriesOff: false));
        handler.InnerHandler = inner;
        return handler;
    }
}
