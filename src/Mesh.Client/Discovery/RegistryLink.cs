using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>
/// Whether Consul answers, over all watches of the process: says so at once when it is lost, then once a minute, and
/// once when it is back, however many watches fail meanwhile.
/// </summary>
internal sealed partial class RegistryLink(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    private readonly AgentLimit _limit = new(time);

    // Guards the fields below; nothing is called under it but the clock.
    private readonly Lock _gate = new();
    private long _lostSince;
    private long _saidAt;
    private bool _lost;
    private bool _said;
    private string? _reason;
    private string? _refusal;
    private long? _limitSaidAt;

    /// <summary>
    /// The agent has no connections left for this machine's address. Raised outside of any lock, maybe again and again.
    /// </summary>
    public event Action? LimitReached;

    /// <summary>How long Consul has not answered; zero while it does.</summary>
    public TimeSpan LostFor
    {
        get
        {
            lock (_gate)
            {
                return _lost ? time.GetElapsedTime(_lostSince) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>
    /// Why it is lost: <see cref="MeshReasons.Acl"/> or <see cref="MeshReasons.RegistryLost"/>; <see langword="null"/> while
    /// it answers.
    /// </summary>
    public string? LostReason
    {
        get
        {
            lock (_gate)
            {
                return _lost ? _reason : null;
            }
        }
    }

    /// <summary>What Consul says against the token, while it does not answer for that reason.</summary>
    public string? Refusal
    {
        get
        {
            lock (_gate)
            {
                return _lost ? _refusal : null;
            }
        }
    }

    public void Answered()
    {
        TimeSpan lostFor;
        lock (_gate)
        {
            if (!_lost)
            {
                return;
            }

            lostFor = time.GetElapsedTime(_lostSince);
            _lost = false;
            _refusal = null;
        }

        Log.Back(logger, lostFor.TotalSeconds);
    }

    /// <summary>A read failed.</summary>
    /// <returns>The result for metrics: <c>acl</c> when Consul refused the token, else <c>failed</c>.</returns>
    public string Failed(Exception error)
    {
        var denied = error is ConsulException { IsPermissionDenied: true };
        var reason = denied ? MeshReasons.Acl : MeshReasons.RegistryLost;
        Probed(error);
        var limit = error is ConsulException { IsConnectionLimit: true };
        if (ShouldSay(reason, denied ? $"Consul refuses the token: {error.Message}" : null, out var lostFor) && !limit)
        {
            if (denied)
            {
                Log.Denied(logger, error.Message);
            }
            else
            {
                Log.Lost(logger, lostFor.TotalSeconds, error.Message);
            }
        }

        return denied ? MeshReasons.Acl : "failed";
    }

    /// <summary>A connection that nothing depends on could not be made.</summary>
    public void Probed(Exception error)
    {
        if (!_limit.Failed(error))
        {
            return;
        }

        if (ShouldSayLimit())
        {
            Log.Limit(logger, error.Message);
        }

        LimitReached?.Invoke();
    }

    private bool ShouldSayLimit()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_limitSaidAt is { } at && time.GetElapsedTime(at, now) < Repeat)
            {
                return false;
            }

            _limitSaidAt = now;
            return true;
        }
    }

    private bool ShouldSay(string reason, string? refusal, out TimeSpan lostFor)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            (_reason, _refusal) = (reason, refusal);
            if (!_lost)
            {
                _lost = true;
                _lostSince = now;
            }

            lostFor = time.GetElapsedTime(_lostSince, now);
            if (_said && time.GetElapsedTime(_saidAt, now) < Repeat)
            {
                return false;
            }

            _said = true;
            _saidAt = now;
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Warning,
            "Consul does not answer (for {Seconds:F0} s): calls go on with the last good endpoints. {Error}")]
        public static partial void Lost(ILogger logger, double seconds, string error);

        [LoggerMessage(1001, LogLevel.Error,
            "Consul refuses the token (reason acl): calls go on with the last good endpoints. {Error}")]
        public static partial void Denied(ILogger logger, string error);

        [LoggerMessage(1005, LogLevel.Warning,
            "Consul's agent accepts no more connections from this machine's address: its setting " +
            "limits.http_max_conns_per_client (200 unless configured) is reached. This process now watches all services " +
            "over one connection; calls go on with the last good endpoints. Raise that setting, or lower " +
            "Mesh:Consul:MaxBlockingQueries in the processes of this machine. {Error}")]
        public static partial void Limit(ILogger logger, string error);

        [LoggerMessage(1002, LogLevel.Information, "Consul answers again after {Seconds:F0} s.")]
        public static partial void Back(ILogger logger, double seconds);
    }
}
