using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>Log lines of the watches: events 1010 to 1049.</summary>
internal static partial class DiscoveryLog
{
    [LoggerMessage(1010, LogLevel.Debug, "{Service}: {Count} endpoints, {Suspects} of them suspect.")]
    public static partial void Changed(ILogger logger, string service, int count, int suspects);

    [LoggerMessage(1011, LogLevel.Warning,
        "{Service}: {Suspects} endpoints vanished in a way that is not believed yet (reason {Reason}); they are used " +
        "only when no other is left, until a consistent read confirms that they are gone.{More}")]
    public static partial void Held(ILogger logger, string service, int suspects, string reason, string more);

    [LoggerMessage(1012, LogLevel.Information,
        "{Service}: a consistent read decided about {Suspects} vanished endpoints.")]
    public static partial void Gone(ILogger logger, string service, int suspects);

    [LoggerMessage(1013, LogLevel.Warning,
        "{Service}: {Hidden} endpoints are missing from Consul's answer because the token may not see them (reason acl); " +
        "they stay in use.{More}")]
    public static partial void Hidden(ILogger logger, string service, int hidden, string more);

    [LoggerMessage(1014, LogLevel.Warning,
        "{Service}: Consul has not answered yet; starting with {Count} endpoints from the snapshot of an earlier run.")]
    public static partial void FromSnapshot(ILogger logger, string service, int count);

    [LoggerMessage(1015, LogLevel.Warning,
        "{Service}: {Count} instances are registered without a port and are left out. Register them with the port " +
        "they listen on.")]
    public static partial void Portless(ILogger logger, string service, int count);

    [LoggerMessage(1016, LogLevel.Information,
        "{Count} services are watched, and at most {Limit} by blocking queries of their own: one watch of all health checks now " +
        "drives reads of what changed.")]
    public static partial void Shared(ILogger logger, int count, int limit);

    [LoggerMessage(1017, LogLevel.Information, "{Count} services are watched: each has its own blocking query again.")]
    public static partial void Own(ILogger logger, int count);
}
