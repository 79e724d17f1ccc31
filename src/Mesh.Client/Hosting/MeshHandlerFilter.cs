using System.Collections.Concurrent;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Hosting;

/// <summary>
/// Puts the mesh into the clients of <c>IHttpClientFactory</c>. It stands first among the filters, and the first filter acts
/// last: it finds the client complete and takes the place next to the primary handler, beneath the application's handlers
/// and the loggers, which so see each call once, whatever the mesh does to complete it.
/// </summary>
internal sealed partial class MeshHandlerFilter(
    MeshHandlers handlers, MeshClients built, IOptionsMonitor<MeshClientOptions> clients,
    ILogger<MeshHandlerFilter> logger)
    : IHttpMessageHandlerBuilderFilter
{
    /// <summary>Clients that were warned about: the factory builds a client's handlers anew every two minutes.</summary>
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        AddMesh(builder, builder.Name ?? "");
    };

    private void AddMesh(HttpMessageHandlerBuilder builder, string name)
    {
        var mode = clients.Get(name).Mode;
        if (mode == MeshClientMode.Removed)
        {
            built.Built(new MeshClientSight(name, Settings: null, "the application called .RemoveMesh() on it"));
            return;
        }

        var primary = builder.PrimaryHandler;
        if (mode == MeshClientMode.Automatic && PrimaryHandler.Obstacle(primary) is { } obstacle)
        {
            built.Built(new MeshClientSight(name, Settings: null, obstacle));
            if (_warned.TryAdd(name, true))
            {
                Log.NotMeshed(logger, name, obstacle);
            }

            return;
        }

        var foreign = ForeignHandlers.Find(builder.AdditionalHandlers);
        if (foreign is not null && _warned.TryAdd(name, true))
        {
            Log.RetriesOff(logger, name, foreign);
        }

        PrimaryHandler.TurnGrpcBalancerOff(primary);
        var settings = PrimaryHandler.Settings(name, primary, retriesOff: foreign is not null);
        built.Built(new MeshClientSight(name, settings, foreign is null ? null : $"{foreign} is outside of the mesh"));
        builder.AdditionalHandlers.Add(handlers.Create(settings));
    }

    private static partial class Log
    {
        [LoggerMessage(6000, LogLevel.Warning, "HttpClient '{Client}' is not meshed: {Obstacle}, which the mesh would "
            + "not honour. Call .AddMesh() on the client to mesh it all the same, or .RemoveMesh() to end this warning.",
            EventName = "ClientNotMeshed")]
        public static partial void NotMeshed(ILogger logger, string client, string obstacle);

        [LoggerMessage(6001, LogLevel.Warning, "HttpClient '{Client}' has {Handler} outside of the mesh: the mesh repeats "
            + "only attempts that provably were not sent. Remove that handler to leave retries to the mesh, or call "
            + ".RemoveMesh() on the client.", EventName = "ClientRetriesOff")]
        public static partial void RetriesOff(ILogger logger, string client, string handler);
    }
}
