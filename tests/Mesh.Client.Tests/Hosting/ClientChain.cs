using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Hosting;

/// <summary>What a client of the factory is made of, outermost first, with what was logged while it was made.</summary>
internal sealed class ClientChain : IDisposable
{
    private readonly ServiceProvider _provider;

    public ClientChain(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(Log));
        configure(services);
        _provider = services.BuildServiceProvider();
    }

    public LogCollector Log { get; } = new();

    public IServiceProvider Services => _provider;

    public IReadOnlyList<HttpMessageHandler> Handlers(string client) =>
        Chain(_provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client));

    public MeshHandler? Mesh(string client) => Handlers(client).OfType<MeshHandler>().SingleOrDefault();

    /// <summary>How the client is meshed: what its handler was made with.</summary>
    public ClientSettings Settings(string client) => Mesh(client)!.Settings;

    public static List<HttpMessageHandler> Chain(HttpMessageHandler handler)
    {
        var handlers = new List<HttpMessageHandler>();
        for (HttpMessageHandler? next = handler; next is not null; next = (next as DelegatingHandler)?.InnerHandler)
        {
            handlers.Add(next);
        }

        return handlers;
    }

    public void Dispose() => _provider.Dispose();
}
