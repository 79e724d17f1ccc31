using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>Log lines about policy: events 2000 to 2049.</summary>
internal static partial class PolicyLog
{
    [LoggerMessage(2000, LogLevel.Information, "Policy {Key} {Revision} from {Source} is in force.{More}")]
    public static partial void Applied(
        ILogger logger, PolicyKey key, PolicyRevision revision, string source, string more);

    [LoggerMessage(2014, LogLevel.Warning,
        "Policy {Key} {Revision} from {Source} is in force without {Ignored} parts that this version does not understand.")]
    public static partial void AppliedInPart(
        ILogger logger, PolicyKey key, PolicyRevision revision, string source, int ignored);

    [LoggerMessage(2001, LogLevel.Error,
        "Policy {Key} {Revision} is refused; {LastGood} stays in force (nothing, when empty). {Problems}")]
    public static partial void Refused(
        ILogger logger, PolicyKey key, PolicyRevision revision, string problems, PolicyRevision? lastGood);

    [LoggerMessage(2002, LogLevel.Information, "Policy {Key} was deleted, says {Source}.")]
    public static partial void Deleted(ILogger logger, PolicyKey key, string source);

    [LoggerMessage(2003, LogLevel.Warning,
        "Policy {Key} vanished in a way that is not believed (reason {Reason}); its last good revision stays in " +
        "force. Write it again, or write it and delete it, to end this.")]
    public static partial void Orphaned(ILogger logger, PolicyKey key, string reason);

    [LoggerMessage(2004, LogLevel.Warning,
        "MESH_MODE=bypass: everything but discovery, simple balancing, identity and TLS is off in this process.")]
    public static partial void Bypass(ILogger logger);

    [LoggerMessage(2005, LogLevel.Warning,
        "Consul KV does not answer (for {Seconds:F0} s): the last good policy stays in force. {Error}")]
    public static partial void KvLost(ILogger logger, double seconds, string error);

    [LoggerMessage(2034, LogLevel.Information, "Consul KV answers again: policy is up to date.")]
    public static partial void KvBack(ILogger logger);

    [LoggerMessage(2006, LogLevel.Warning,
        "The config server {Address} is lost; the last good policy stays in force, Consul KV is read in {Seconds:F0} " +
        "s unless it is back. {Error}")]
    public static partial void DeskLost(ILogger logger, Uri address, double seconds, string error);

    [LoggerMessage(2033, LogLevel.Warning,
        "The config server {Address} is lost for {Seconds:F0} s; the last good policy stays in force. {Error}")]
    public static partial void DeskStillLost(ILogger logger, Uri address, double seconds, string error);

    [LoggerMessage(2007, LogLevel.Information, "Policy comes from the config server {Address}.")]
    public static partial void DeskConnected(ILogger logger, Uri address);

    [LoggerMessage(2035, LogLevel.Warning,
        "The catalog lists a config server at {Address} that is not used: it cannot be reached, or does not prove to be "
        + "mesh-desk. Policy stays where it comes from. {Error}")]
    public static partial void DeskNotBelieved(ILogger logger, Uri address, string error);

    [LoggerMessage(2008, LogLevel.Warning,
        "The config server {Address} says other things about {Keys} than what is in force, and nothing confirms that " +
        "they are newer; what is in force stays.")]
    public static partial void DeskDoubted(ILogger logger, Uri address, string keys);

    [LoggerMessage(2009, LogLevel.Warning, "The config server is lost for long: policy is read from Consul KV.")]
    public static partial void FallBack(ILogger logger);

    [LoggerMessage(2010, LogLevel.Debug, "The report to the config server {Address} failed. {Error}")]
    public static partial void ReportFailed(ILogger logger, Uri address, string error);

    [LoggerMessage(2011, LogLevel.Information,
        "Neither config server nor Consul KV has answered: policy comes from the folder {Folder}.")]
    public static partial void FromFolder(ILogger logger, string folder);

    [LoggerMessage(2012, LogLevel.Warning, "The policy folder {Folder} cannot be read. {Error}")]
    public static partial void FolderUnreadable(ILogger logger, string folder, string error);

    [LoggerMessage(2013, LogLevel.Information,
        "Policy starts with {Count} documents from the snapshot of an earlier run.")]
    public static partial void FromSnapshot(ILogger logger, int count);

    [LoggerMessage(2015, LogLevel.Information,
        "The config server says that the time of {Key} is over: the switch has no effect any more.")]
    public static partial void SwitchEnded(ILogger logger, PolicyKey key);

    [LoggerMessage(2016, LogLevel.Error,
        "The Consul token may not read {Keys} (reason {Reason}): what this process's door is to demand is not known, and what " +
        "was known of it stays. Add key_prefix \"{Prefix}\" {{ policy = \"list\" }} to its rules.")]
    public static partial void DoorHidden(ILogger logger, string reason, string keys, string prefix);

    [LoggerMessage(2030, LogLevel.Warning,
        "Consul KV went back from index {Before} to {After}: was a snapshot restored? What it says is taken; documents that " +
        "it lacks stay in force until they are written, or written and deleted, again.")]
    public static partial void WentBack(ILogger logger, ulong before, ulong after);

    [LoggerMessage(2031, LogLevel.Warning,
        "Policy {Key} goes back from {Before} to {After}, as {Source} says: was a snapshot of Consul restored?")]
    public static partial void DocumentWentBack(
        ILogger logger, PolicyKey key, PolicyRevision before, PolicyRevision after, string source);

    [LoggerMessage(2032, LogLevel.Warning,
        "The config server {Address} has said other things than Consul for {Seconds:F0} s: it lags, and another is asked.")]
    public static partial void DeskLags(ILogger logger, Uri address, double seconds);
}
