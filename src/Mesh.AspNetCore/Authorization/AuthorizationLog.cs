using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Authorization;

/// <summary>What authorization says: events 7200 to 7219. Never paths, queries, header values or claims.</summary>
internal static partial class AuthorizationLog
{
    [LoggerMessage(7200, LogLevel.Warning,
        "Denied {Method} of {Caller} by {Rule} (reason {Reason}): {Detail}.{More}")]
    public static partial void Denied(
        ILogger logger, string method, string caller, string rule, string reason, string detail, string more);

    [LoggerMessage(7201, LogLevel.Debug,
        "{Method} of {Caller} would be denied by {Rule} if it were enforced: {Detail}.{More}")]
    public static partial void WouldDeny(
        ILogger logger, string method, string caller, string rule, string detail, string more);

    [LoggerMessage(7202, LogLevel.Warning,
        "Consul does not answer about intentions: those last known stay in force. {Error}")]
    public static partial void Lost(ILogger logger, string error);

    [LoggerMessage(7203, LogLevel.Error,
        "The Consul token may not read the intentions of this service (reason acl): those last known stay in force. {Error}")]
    public static partial void Refused(ILogger logger, string error);

    [LoggerMessage(7204, LogLevel.Information, "Consul answers about intentions again.")]
    public static partial void Back(ILogger logger);

    [LoggerMessage(7205, LogLevel.Warning,
        "{Count} intentions vanished from Consul in a way that proves no deletion (its index went backwards, or it had no " +
        "leader): they stay in force. Write them again and delete them if they are to go.")]
    public static partial void Orphaned(ILogger logger, int count);

    [LoggerMessage(7206, LogLevel.Warning,
        "Consul has not answered yet: {Count} intentions of an earlier run are in force.")]
    public static partial void FromSnapshot(ILogger logger, int count);

    [LoggerMessage(7207, LogLevel.Warning,
        "Consul has not told the intentions of this service within {Seconds:F0} s, and no earlier run knew them: until it " +
        "does, no intention is enforced, and with inbound.intentions: enforce every caller is denied.")]
    public static partial void NoFirstWord(ILogger logger, double seconds);

    [LoggerMessage(7208, LogLevel.Warning,
        "The registry's verdict about callers that no intention names is not known: {Error}")]
    public static partial void DefaultUnknown(ILogger logger, string error);

    [LoggerMessage(7209, LogLevel.Warning,
        "Intention {Intention} has conditions that this version does not understand: as far as they deny, they deny every " +
        "request, and as far as they allow, none.")]
    public static partial void NotUnderstood(ILogger logger, string intention);

    [LoggerMessage(7210, LogLevel.Error,
        "The application's authentication failed while a rule needed the end user, so the request was denied.{More}")]
    public static partial void UserUnknown(ILogger logger, string more, Exception error);

    [LoggerMessage(7211, LogLevel.Warning,
        "All intentions vanished from Consul after it was away: they stay in force until that was confirmed in {Seconds:F0} s.")]
    public static partial void AllGone(ILogger logger, double seconds);
}
