using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security;

/// <summary>
/// What is wrong with the source of the identity: counted each time, said when it begins or changes and then seldom.
/// </summary>
internal sealed partial class IdentityTrouble(
    string source, bool isExpected, TimeProvider time, MeshInstruments instruments, ILogger logger)
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(10);

    // Guards the fields below; nothing is called under it but the clock.
    private readonly Lock _gate = new();
    private string? _reason;
    private string? _detail;
    private string? _said;
    private long _saidAt;

    /// <summary>Nulls when nothing is wrong.</summary>
    public (string? Reason, string? Detail) Current
    {
        get
        {
            lock (_gate)
            {
                return (_reason, _detail);
            }
        }
    }

    /// <summary>Something happened that is said elsewhere.</summary>
    public void Note(string reason, string detail)
    {
        instruments.IdentityFailure(source, reason);
        lock (_gate)
        {
            (_reason, _detail, _said) = (reason, detail, reason);
        }
    }

    public void Happened(string reason, string detail, MeshIdentity? inForce)
    {
        instruments.IdentityFailure(source, reason);
        lock (_gate)
        {
            (_reason, _detail) = (reason, detail);

            // That the registry is lost is said by those who live by it, and is no trouble before a certificate expires.
            if (reason == MeshReasons.RegistryLost ||
                (_said == reason && (!IsLoud(inForce) || time.GetElapsedTime(_saidAt) < Repeat)))
            {
                return;
            }

            (_said, _saidAt) = (reason, time.GetTimestamp());
        }

        if (inForce is not null)
        {
            Log.Kept(logger, source, reason, detail, inForce.NotAfter);
        }
        else if (isExpected || reason is not (MeshReasons.ConnectDisabled or MeshReasons.Acl))
        {
            // Nobody asked for an identity of a registry without an authority; any other reason is trouble all the same.
            Log.Missing(logger, source, reason, detail);
        }
        else
        {
            Log.None(logger, reason, detail);
        }
    }

    public void Over()
    {
        lock (_gate)
        {
            (_reason, _detail, _said) = (null, null, null);
        }
    }

    private bool IsLoud(MeshIdentity? inForce) => isExpected || inForce is not null;

    private static partial class Log
    {
        [LoggerMessage(9010, LogLevel.Information,
            "No identity (reason {Reason}), so this process speaks plaintext: {Detail} It looks again from time to time; " +
            "Mesh:Identity:Source = None ends that.")]
        public static partial void None(ILogger logger, string reason, string detail);

        [LoggerMessage(9011, LogLevel.Warning,
            "No identity from {Source} (reason {Reason}): {Detail} It goes on trying.")]
        public static partial void Missing(ILogger logger, string source, string reason, string detail);

        [LoggerMessage(9012, LogLevel.Warning,
            "Nothing new for the identity from {Source} (reason {Reason}): {Detail} What is in force stays, valid until " +
            "{NotAfter:u}.")]
        public static partial void Kept(
            ILogger logger, string source, string reason, string detail, DateTimeOffset notAfter);
    }
}
