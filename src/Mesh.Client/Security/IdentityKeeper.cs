using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security;

/// <summary>
/// Keeps the identity in force: what a source offers is held to the rules for peers and then replaces it as a whole; what
/// fails leaves it as it is, until the day it expires. Says so in time, in log, metrics and health.
/// </summary>
internal sealed partial class IdentityKeeper : IMeshIdentity, IDisposable
{
    /// <summary>How often time is looked at: the clock may be set, and an offer that was too early becomes valid.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _life = new();
    private readonly IIdentitySource _source;
    private readonly bool _isExpected;
    private readonly TimeProvider _time;
    private readonly MeshInstruments _instruments;
    private readonly ILogger _logger;
    private readonly IdentityTrouble _trouble;
    private readonly ITimer _timer;

    // Guards the change of what is in force and of the offers. Events are raised and lines are written outside of it.
    private readonly Lock _gate = new();
    private volatile MeshIdentity? _current;
    private MeshIdentity? _last;
    private IdentityOffer? _offer;
    private IdentityOffer? _accepted;
    private bool _toldOverdue;

    public IdentityKeeper(
        IIdentitySource source, bool isExpected, TimeProvider time, MeshInstruments instruments, ILogger logger)
    {
        (_source, _isExpected, _time, _instruments, _logger) = (source, isExpected, time, instruments, logger);
        _trouble = new IdentityTrouble(source.Name, isExpected, time, instruments, logger);
        _timer = BackgroundWork.CreateTimer(time, Look, logger);
        instruments.Meter.CreateObservableGauge(
            MeshTelemetry.IdentityExpiry, Expiry, "s", "Time until this process's certificate expires.");
    }

    public event Action? Changed;

    public MeshIdentity? Current => _current;

    public Task FirstAnswer => _firstAnswer.Task;

    public IdentityStatus Status
    {
        get
        {
            var (reason, detail) = _trouble.Current;
            lock (_gate)
            {
                return new(_source.Name, _isExpected || _last is not null, reason, detail, _last?.NotAfter);
            }
        }
    }

    /// <summary>Runs the source, from now on.</summary>
    public void Start(Random random)
    {
        _timer.Change(LookEvery, LookEvery);
        _ = BackgroundWork.Keep(
            "identity", ct => _source.RunAsync(this, ct), _time, random, _logger, _life.Token);
    }

    /// <summary>
    /// A source has these. When they are what is in force, or no peer would accept them, nothing changes; the latter is said,
    /// and looked at again as time passes.
    /// </summary>
    /// <returns>Whether they are in force now.</returns>
    public bool Offer(LeafMaterial material, IReadOnlyDictionary<string, X509Certificate2Collection> roots)
    {
        lock (_gate)
        {
            _offer = new IdentityOffer(material, roots);
        }

        return Consider();
    }

    /// <summary>A source could not obtain anything new: the last good state stays.</summary>
    public void Fail(string reason, string detail)
    {
        try
        {
            _trouble.Happened(reason, detail, _current);
        }
        finally
        {
            _firstAnswer.TrySetResult();
        }
    }

    /// <summary>A source works, and has nothing new: what went wrong before is over, unless it is the offer itself.</summary>
    public void Confirm() => Consider();

    public void Dispose()
    {
        _life.Cancel();
        _timer.Dispose();
        _life.Dispose();
    }

    private bool Consider()
    {
        MeshIdentity? before;
        MeshIdentity? after;
        CertificateFault? fault;
        lock (_gate)
        {
            if (_offer is null)
            {
                // Expired, and nothing new since.
                return false;
            }

            if (_offer.Equals(_accepted))
            {
                fault = null;
                before = after = _current;
            }
            else
            {
                before = _last;
                after = _offer.Make(_accepted, before, _time.GetUtcNow(), out fault);
                if (after is not null)
                {
                    (_accepted, _last, _current, _toldOverdue) = (_offer, after, after, false);
                }
            }
        }

        // Before anything is said: loggers and meter listeners are the application's and may throw, and the same offer made
        // again is no change.
        var isNew = !ReferenceEquals(before, after) && after is not null;
        if (isNew)
        {
            Changed?.Invoke();
        }

        try
        {
            Say(fault);
            if (isNew)
            {
                Tell(before, after!);
            }
        }
        finally
        {
            _firstAnswer.TrySetResult();
        }

        return fault is null;
    }

    private void Say(CertificateFault? fault)
    {
        if (fault is null)
        {
            _trouble.Over();
        }
        else
        {
            _trouble.Happened(fault.Reason, fault.Detail, _current);
        }
    }

    /// <summary>Takes an expired identity out of force, and looks again at an offer that was refused.</summary>
    private void Look()
    {
        MeshIdentity? expired = null;
        MeshIdentity? overdue = null;
        bool pending;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (_current is { } current && now > current.NotAfter)
            {
                expired = current;
                (_current, _accepted, _offer) = (null, null, null);
            }
            else if (_current is { } old && !_toldOverdue && now > RenewalTime.Overdue(old))
            {
                (overdue, _toldOverdue) = (old, true);
            }

            pending = _offer is not null && !_offer.Equals(_accepted);
        }

        if (expired is not null)
        {
            Changed?.Invoke();
            _trouble.Note(
                MeshReasons.IdentityExpired, $"The certificate of {expired.Id} expired and was not renewed in time.");
            Log.Expired(_logger, expired.Id, expired.NotAfter);
        }
        else if (overdue is not null)
        {
            Log.Overdue(_logger, overdue.Id, overdue.NotAfter, _source.Name);
        }

        if (pending)
        {
            Consider();
        }
    }

    private void Tell(MeshIdentity? before, MeshIdentity after)
    {
        var rootsOnly = before is not null && ReferenceEquals(before.Certificate, after.Certificate);
        _instruments.IdentityUpdate(_source.Name, rootsOnly ? "roots" : "leaf");
        var trusted = string.Join(
            ", ", after.Roots.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Value.Count} of {r.Key}"));
        if (rootsOnly)
        {
            Log.Roots(_logger, trusted);
        }
        else if (before is null)
        {
            Log.First(_logger, after.Id, _source.Name, after.NotAfter, trusted);
        }
        else
        {
            Log.Renewed(_logger, after.Id, after.NotAfter);
        }
    }

    private IEnumerable<Measurement<double>> Expiry()
    {
        lock (_gate)
        {
            return _last is { } last ? [new((last.NotAfter - _time.GetUtcNow()).TotalSeconds)] : [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9000, LogLevel.Information,
            "This process is {Id} (from {Source}), valid until {NotAfter:u}. Roots it trusts: {Roots}.")]
        public static partial void First(ILogger logger, SpiffeId id, string source, DateTimeOffset notAfter, string roots);

        [LoggerMessage(9001, LogLevel.Information, "The certificate of {Id} is renewed, valid until {NotAfter:u}.")]
        public static partial void Renewed(ILogger logger, SpiffeId id, DateTimeOffset notAfter);

        [LoggerMessage(9002, LogLevel.Information, "The trusted roots changed: {Roots}.")]
        public static partial void Roots(ILogger logger, string roots);

        [LoggerMessage(9003, LogLevel.Error,
            "The certificate of {Id} expired at {NotAfter:u} and was not renewed: this process has no identity. Peers that " +
            "want one refuse it from now on.")]
        public static partial void Expired(ILogger logger, SpiffeId id, DateTimeOffset notAfter);

        [LoggerMessage(9004, LogLevel.Warning,
            "The certificate of {Id} should have been renewed by now and expires at {NotAfter:u}. Look at its source, {Source}.")]
        public static partial void Overdue(ILogger logger, SpiffeId id, DateTimeOffset notAfter, string source);
    }
}
