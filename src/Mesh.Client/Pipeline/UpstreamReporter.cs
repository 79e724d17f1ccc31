using Mesh.Client.Outliers;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>Tells log and metrics what happened to an upstream's endpoints.</summary>
internal sealed partial class UpstreamReporter(string service, MeshInstruments instruments, ILogger<Upstream> logger)
{
    public void Report(IReadOnlyList<UpstreamNotice> notices)
    {
        foreach (var notice in notices)
        {
            Report(notice);
        }
    }

    private static string Word(EjectionReason reason) => reason switch
    {
        EjectionReason.ConnectFailures => "connect_failures",
        EjectionReason.ProbeFailed => "probe_failed",
        _ => "consecutive_failures",
    };

    private static string Name(EndpointGroup? group) => group?.Subset is { } subset ? $"subset {subset}" : "all endpoints";

    private void Report(UpstreamNotice notice)
    {
        switch (notice.Event)
        {
            case UpstreamEvent.Ejected:
                instruments.Ejection(service, Word(notice.Reason));
                Log.Ejected(
                    logger, service, notice.Endpoint!, notice.Length.TotalSeconds, Word(notice.Reason), notice.Count,
                    notice.Total);
                break;
            case UpstreamEvent.EjectionWithheld:
                instruments.EjectionWithheld(service, Word(notice.Reason));
                Log.Withheld(logger, service, notice.Endpoint!, Word(notice.Reason), notice.Count, notice.Total);
                break;
            case UpstreamEvent.Readmitted:
                Log.Readmitted(logger, service, notice.Endpoint!);
                break;
            case UpstreamEvent.PanicBegan:
                instruments.Panic(service);
                Log.PanicBegan(logger, service, Name(notice.Group), notice.Count, notice.Total);
                break;
            case UpstreamEvent.PanicEnded:
                Log.PanicEnded(logger, service, Name(notice.Group));
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
            "is the most that 'outlier.maxEjected' allows.")]
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
