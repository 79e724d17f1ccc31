using System.Collections.Concurrent;
using Mesh.Client.Outliers;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>Tells log and metrics what happened to an upstream's endpoints.</summary>
internal sealed partial class UpstreamReporter(string service, UpstreamServices services)
{
    // An outage of a whole service withholds an ejection a second for each of its endpoints: counted, but not all logged.
    private static readonly TimeSpan BetweenWithheld = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<UpstreamNotice> _notices = new();
    private readonly ILogger _logger = services.Logger;
    private long _silentUntil = long.MinValue;

    /// <summary>Something happened; told later. Under the upstream's lock.</summary>
    public void Note(UpstreamNotice notice) => _notices.Enqueue(notice);

    /// <summary>Tells what was noted, whoever noted it. Outside of the lock.</summary>
    public void Tell()
    {
        while (_notices.TryDequeue(out var notice))
        {
            Report(notice);
        }
    }

    private static string Name(EndpointGroup? group) => group?.Subset is { } subset ? $"subset {subset}" : "all endpoints";

    private bool MayLogWithheld()
    {
        var now = services.Clock.Now;
        var until = Volatile.Read(ref _silentUntil);
        return now >= until &&
               Interlocked.CompareExchange(ref _silentUntil, services.Clock.Add(now, BetweenWithheld), until) == until;
    }

    private void Report(UpstreamNotice notice)
    {
        switch (notice.Event)
        {
            case UpstreamEvent.Ejected:
                services.Instruments.Ejection(service, notice.Reason.Word());
                Log.Ejected(
                    _logger, service, notice.Endpoint!, notice.Length.TotalSeconds, notice.Reason.Word(), notice.Count,
                    notice.Total);
                break;
            case UpstreamEvent.EjectionWithheld:
                services.Instruments.EjectionWithheld(service, notice.Reason.Word());
                if (MayLogWithheld())
                {
                    Log.Withheld(_logger, service, notice.Endpoint!, notice.Reason.Word(), notice.Count, notice.Total);
                }

                break;
            case UpstreamEvent.Readmitted:
                Log.Readmitted(_logger, service, notice.Endpoint!);
                break;
            case UpstreamEvent.PanicBegan:
                services.Instruments.Panic(service);
                Log.PanicBegan(_logger, service, Name(notice.Group), notice.Count, notice.Total);
                break;
            case UpstreamEvent.PanicEnded:
                Log.PanicEnded(_logger, service, Name(notice.Group));
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Warning,
            "Endpoint {Endpoint} of {Service} is ejected for {Seconds:0.0} s ({Reason}); {Count} of {Total} are out.")]
        public static partial void Ejected(
            ILogger logger, string service, MeshEndpoint endpoint, double seconds, string reason, int count, int total);

        [LoggerMessage(3001, LogLevel.Warning,
            "Endpoint {Endpoint} of {Service} would be ejected ({Reason}), but {Count} of {Total} are out already, which " +
            "is the most that 'outlier.maxEjected' allows. More of these within half a minute are counted, not logged.")]
        public static partial void Withheld(
            ILogger logger, string service, MeshEndpoint endpoint, string reason, int count, int total);

        [LoggerMessage(3002, LogLevel.Information, "Endpoint {Endpoint} of {Service} is back.")]
        public static partial void Readmitted(ILogger logger, string service, MeshEndpoint endpoint);

        [LoggerMessage(3003, LogLevel.Error,
            "Panic: only {Count} of {Total} endpoints of {Service} ({Group}) are fit, fewer than 'balance.panicBelow'. Calls " +
            "go to unfit ones too, but not to those in maintenance.")]
        public static partial void PanicBegan(ILogger logger, string service, string group, int count, int total);

        [LoggerMessage(3004, LogLevel.Information, "The panic of {Service} ({Group}) is over: enough endpoints are fit.")]
        public static partial void PanicEnded(ILogger logger, string service, string group);
    }
}
