using Mesh.Policy;

namespace Mesh.ConfigServer;

/// <summary>What the desk says; event ids are stable.</summary>
internal static partial class DeskLog
{
    [LoggerMessage(8000, LogLevel.Information, "Accepted {Key} at {Revision}.")]
    public static partial void Accepted(ILogger logger, PolicyKey key, PolicyRevision revision);

    [LoggerMessage(8001, LogLevel.Warning,
        "Refused {Key} at {Revision}: {Count} problems, the first is {Problem} The last good revision stays in force.")]
    public static partial void Refused(
        ILogger logger, PolicyKey key, PolicyRevision revision, int count, PolicyProblem problem);

    [LoggerMessage(8002, LogLevel.Information, "{Key} was deleted.")]
    public static partial void Deleted(ILogger logger, string key);

    [LoggerMessage(8003, LogLevel.Warning,
        "{Key} vanished from Consul KV without proof of a deletion (narrowed token, lost data, or everything at once). " +
        "What it last said stays in force; to delete it, write it again and delete it.")]
    public static partial void Orphaned(ILogger logger, string key);

    [LoggerMessage(8004, LogLevel.Warning, "{Key} can be no document. {Error}")]
    public static partial void UnknownKey(ILogger logger, string key, string error);

    [LoggerMessage(8005, LogLevel.Warning,
        "Consul at {Address} does not answer; everything known stays in force. Trying on. {Error}")]
    public static partial void ConsulLost(ILogger logger, Uri address, string error);

    [LoggerMessage(8006, LogLevel.Information, "Consul at {Address} answers again.")]
    public static partial void ConsulBack(ILogger logger, Uri address);

    [LoggerMessage(8007, LogLevel.Information, "Remembered {Count} documents, saved {SavedAt}.")]
    public static partial void Restored(ILogger logger, int count, DateTimeOffset savedAt);

    [LoggerMessage(8008, LogLevel.Warning, "{File} cannot be read and is not used: {Error}")]
    public static partial void FileUnreadable(ILogger logger, string file, string error);

    [LoggerMessage(8009, LogLevel.Warning,
        "{File} cannot be written; the desk would start empty while Consul is down. Set Desk:DataFolder. {Error}")]
    public static partial void FileUnwritable(ILogger logger, string file, string error);

    [LoggerMessage(8010, LogLevel.Warning,
        "Whether the subsets of {Key} have endpoints is unknown and not checked. {Error}")]
    public static partial void CatalogUnknown(ILogger logger, PolicyKey key, string error);

    [LoggerMessage(8020, LogLevel.Warning,
        "The history of documents below {Prefix} cannot be written; nothing else is affected, but a rollback will " +
        "not find what is accepted meanwhile. The desk's Consul token needs: " +
        "key_prefix \"{Prefix}\" {{ policy = \"write\" }}. Trying on. {Error}")]
    public static partial void HistoryUnwritable(ILogger logger, string prefix, string error);

    [LoggerMessage(8021, LogLevel.Information, "{Key} was written through this desk, by {By}.")]
    public static partial void Written(ILogger logger, PolicyKey key, string by);

    [LoggerMessage(8022, LogLevel.Information,
        "{Keys}: the time of the switch is over, and it has no effect any more.")]
    public static partial void SwitchesEnded(ILogger logger, string keys);

    [LoggerMessage(8023, LogLevel.Information,
        "{Key} {Revision} is in force, as the history says: its newest revision is refused.")]
    public static partial void Recalled(ILogger logger, PolicyKey key, PolicyRevision revision);

    [LoggerMessage(8024, LogLevel.Warning,
        "The history of {Key} cannot be read; what was in force before its newest revision was refused is unknown to " +
        "this desk. {Error}")]
    public static partial void HistoryUnreadable(ILogger logger, PolicyKey key, string error);

    [LoggerMessage(8030, LogLevel.Warning,
        "Whether the subsets of {Key} have endpoints is unknown and not checked, because the desk's Consul token may not " +
        "see them (reason acl); add to its policies: {Rules}")]
    public static partial void CatalogHidden(ILogger logger, PolicyKey key, string rules);

    [LoggerMessage(8031, LogLevel.Error,
        "Consul shows no document, and the desk's token may not list them (reason acl); add to its policies: {Rules}")]
    public static partial void KeysHidden(ILogger logger, string rules);

    [LoggerMessage(8040, LogLevel.Warning,
        "Consul KV went back from index {Before} to {After}: was a snapshot restored? What it says is taken; documents that " +
        "it lacks stay in force until they are written, or written and deleted, again.")]
    public static partial void WentBack(ILogger logger, ulong before, ulong after);

    [LoggerMessage(8050, LogLevel.Warning,
        "The desk's token came in plaintext from {Address}: whoever listens on the way knows it now. Send it over TLS, or to a "
        + "loopback address. Said once an hour at most.")]
    public static partial void TokenOverheard(ILogger logger, System.Net.IPAddress address);

    [LoggerMessage(8052, LogLevel.Warning,
        "Nothing was heard of documents within {Seconds:0} s: the desk opens its own door with built-in defaults, and hands out nothing.")]
    public static partial void OpenedUnknowing(ILogger logger, double seconds);

    [LoggerMessage(8051, LogLevel.Warning, "{Peer} reported as an instance of {Service}, which it is not; refused.")]
    public static partial void ForeignReport(ILogger logger, Mesh.Client.SpiffeId peer, string service);
}
