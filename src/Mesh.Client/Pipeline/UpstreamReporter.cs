using System.Collections.Concurrent;
using Mesh.Client.Outliers;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Tells log and metrics what happened to an upstream's endpoints: at once, within what a log can bear, and once a minute
/// while a panic lasts.
/// </summary>
internal sealed partial class UpstreamReporter : IDisposable
{
    // An outage of a whole service withholds an ejection a second for each of its endpoints: counted, but not all logged.
    private static readonly TimeSpan BetweenWithheld = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenPanics = TimeSpan.FromMinutes(1);

    private readonly string _service;
    private readonly UpstreamServices _services;
    private readonly ILogger _logger;
    private readonly ConcurrentQueue<UpstreamNotice> _notices = new();
    private readonly ConcurrentDictionary<EndpointGroup, long> _panics = new();
    private readonly ITimer _goesOn;
    private long _silentUntil = long.MinValue;

    public UpstreamReporter(string service, UpstreamServices services)
    {
        (_service, _services, _logger) = (service, services, services.Logger);
        _goesOn = BackgroundWork.CreateTimer(services.Clock.Time, TellPanics, services.Logger);
    }

    /// <summary>Something happened; told later. Under the upstream's lock.</summary>
    public void Note(UpstreamNotice notice) => _notices.Enqueue(notice);

    /// <summary>Tells what was noted, whoever noted it. Outside of the lock.</summary>
    public void Tell()
    {
        while (_notices.TryDequeue(out var notice))
        {
            // Ejections are told by calls and by timers: what the application's loggers and meter listeners throw must
            // neither fail a call nor end the process.
            BackgroundWork.Guard("report", () => Report(notice), _logger);
        }
    }

    /// <summary>A connection to an endpoint could not be made secure. Outside of the lock.</summary>
    public void TellNotSecured(MeshEndpoint endpoint, string reason, string detail)
    {
        _services.Instruments.ConnectionNotSecured(_service, reason);
        if (_services.Lines.MayWrite(reason, out var more))
        {
            Log.NotSecured(_logger, _service, endpoint, reason, detail, more);
        }
    }

    public void Dispose() => _goesOn.Dispose();

    private static string Name(EndpointGroup? group) => group?.Subset is { } subset ? $"subset {subset}" : "all endpoints";

    private bool MayLogWithheld()
    {
        var now = _services.Clock.Now;
        var until = Volatile.Read(ref _silentUntil);
        return now >= until &&
               Interlocked.CompareExchange(ref _silentUntil, _services.Clock.Add(now, BetweenWithheld), until) == until;
    }

    private void Report(UpstreamNotice notice)
    {
        switch (notice.Event)
        {
            case UpstreamEvent.Ejected or UpstreamEvent.EjectionWithheld:
                ReportEjection(notice, notice.Reason.Word());
                break;
            case UpstreamEvent.PanicBegan or UpstreamEvent.PanicEnded:
                ReportPanic(notice);
                break;
            case UpstreamEvent.SwitchesChanged:
                ReportSwitches(notice.Switches);
                break;
            case UpstreamEvent.SeenWithTls:
                Log.SeenWithTls(_logger, _service);
                break;
            default:
                ReportEndpoint(notice, notice.Endpoint!);
                break;
        }
    }

    private void ReportEjection(UpstreamNotice notice, string reason)
    {
        if (notice.Event == UpstreamEvent.EjectionWithheld)
        {
            _services.Instruments.EjectionWithheld(_service, reason);
            if (MayLogWithheld())
            {
                Log.Withheld(_logger, _service, notice.Endpoint!, reason, notice.Count, notice.Total);
            }

            return;
        }

        _services.Instruments.Ejection(_service, reason);
        if (_services.Lines.MayWrite(reason, out var more))
        {
            Log.Ejected(
                _logger, _service, notice.Endpoint!, notice.Length.TotalSeconds, reason, notice.Count, notice.Total, more);
        }
    }

    private void ReportEndpoint(UpstreamNotice notice, MeshEndpoint endpoint)
    {
        var reason = notice.Why ?? "";
        if (notice.Event == UpstreamEvent.Insecure)
        {
            _services.Instruments.Decision(_service, "exclude", reason);
        }

        if (!_services.Lines.MayWrite(reason.Length > 0 ? reason : notice.Event.ToString(), out var more))
        {
            return;
        }

        switch (notice.Event)
        {
            case UpstreamEvent.Readmitted:
                Log.Readmitted(_logger, _service, endpoint, more);
                break;
            case UpstreamEvent.Suspected:
                Log.Suspected(_logger, _service, endpoint, reason, more);
                break;
            case UpstreamEvent.Insecure:
                Log.Insecure(_logger, _service, endpoint, reason, more);
                break;
            case UpstreamEvent.Trusted:
                Log.Trusted(_logger, _service, endpoint, more);
                break;
        }
    }

    private void ReportSwitches(SwitchState switches)
    {
        if (switches == SwitchState.None)
        {
            Log.SwitchesBack(_logger, _service);
        }
        else
        {
            Log.Switches(_logger, _service, switches.Bypass, string.Join(", ", MechanismWords.Of(switches.Off)));
        }
    }

    private void ReportPanic(UpstreamNotice notice)
    {
        var group = notice.Group!;
        if (notice.Event == UpstreamEvent.PanicEnded)
        {
            _panics.TryRemove(group, out _);
            Log.PanicEnded(_logger, _service, Name(group));
            return;
        }

        _panics[group] = _services.Clock.Now;
        _goesOn.Change(BetweenPanics, Timeout.InfiniteTimeSpan);
        _services.Instruments.Panic(_service);
        Log.PanicBegan(_logger, _service, Name(group), notice.Count, notice.Total);
    }

    private void TellPanics()
    {
        foreach (var (group, since) in _panics)
        {
            if (group.IsPanic)
            {
                var now = UpstreamNotice.Panic(group);
                Log.PanicGoesOn(
                    _logger, _service, Name(group), now.Count, now.Total,
                    _services.Clock.Seconds(since, _services.Clock.Now));
                _goesOn.Change(BetweenPanics, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _panics.TryRemove(group, out _);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Warning,
            "Endpoint {Endpoint} of {Service} is ejected for {Seconds:0.0} s ({Reason}); {Count} of {Total} are out.{More}")]
        public static partial void Ejected(
            ILogger logger, string service, MeshEndpoint endpoint, double seconds, string reason, int count, int total,
            string more);

        [LoggerMessage(3001, LogLevel.Warning,
            "Endpoint {Endpoint} of {Service} would be ejected ({Reason}), but {Count} of {Total} are out already, which " +
            "is the most that 'outlier.maxEjected' allows. More of these within half a minute are counted, not logged.")]
        public static partial void Withheld(
            ILogger logger, string service, MeshEndpoint endpoint, string reason, int count, int total);

        [LoggerMessage(3002, LogLevel.Information, "Endpoint {Endpoint} of {Service} is back.{More}")]
        public static partial void Readmitted(ILogger logger, string service, MeshEndpoint endpoint, string more);

        [LoggerMessage(3003, LogLevel.Error,
            "Panic: only {Count} of {Total} endpoints of {Service} ({Group}) are fit, fewer than 'balance.panicBelow'. Calls " +
            "go to unfit ones too, but not to those in maintenance.")]
        public static partial void PanicBegan(ILogger logger, string service, string group, int count, int total);

        [LoggerMessage(3004, LogLevel.Information, "The panic of {Service} ({Group}) is over: enough endpoints are fit.")]
        public static partial void PanicEnded(ILogger logger, string service, string group);

        [LoggerMessage(3005, LogLevel.Information,
            "Endpoint {Endpoint} of {Service} is suspect ({Reason}): it is used only when no other is left.{More}")]
        public static partial void Suspected(
            ILogger logger, string service, MeshEndpoint endpoint, string reason, string more);

        [LoggerMessage(3006, LogLevel.Information, "Endpoint {Endpoint} of {Service} is no longer suspect.{More}")]
        public static partial void Trusted(ILogger logger, string service, MeshEndpoint endpoint, string more);

        [LoggerMessage(3007, LogLevel.Error,
            "The panic of {Service} ({Group}) goes on for {Seconds:0} s: {Count} of {Total} endpoints are fit.")]
        public static partial void PanicGoesOn(
            ILogger logger, string service, string group, int count, int total, double seconds);

        [LoggerMessage(3008, LogLevel.Warning,
            "Switches for calls to {Service}: bypass {Bypass}, off: {Off} (none when empty). The policy counts again when " +
            "they are taken back or end.")]
        public static partial void Switches(ILogger logger, string service, bool bypass, string off);

        [LoggerMessage(3010, LogLevel.Error,
            "Endpoint {Endpoint} of {Service} is not used ({Reason}). plaintext_refused: it speaks plaintext only, and that " +
            "is not accepted (outbound.tls: require, or the service was seen with TLS before; " +
            "outbound.plaintext takes the latter back). no_identity: it speaks TLS, and this process " +
            "has no identity.{More}")]
        public static partial void Insecure(
            ILogger logger, string service, MeshEndpoint endpoint, string reason, string more);

        [LoggerMessage(3012, LogLevel.Warning,
            "No secure connection to endpoint {Endpoint} of {Service} ({Reason}): {Detail} Nothing was sent to it.{More}")]
        public static partial void NotSecured(
            ILogger logger, string service, MeshEndpoint endpoint, string reason, string detail, string more);

        [LoggerMessage(3011, LogLevel.Information,
            "All endpoints of {Service} speak TLS, and one has proved who it is: from now on the service is not called in " +
            "plaintext any more. The security document's outbound.plaintext takes that back.")]
        public static partial void SeenWithTls(ILogger logger, string service);

        [LoggerMessage(3009, LogLevel.Information, "No switch is thrown for calls to {Service} any more.")]
        public static partial void SwitchesBack(ILogger logger, string service);
    }
}
