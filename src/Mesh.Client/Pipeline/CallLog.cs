using Mesh.Client.Attempts;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Calls in the log: each at debug level, failed ones as warnings but no more than a log can bear. Who wants to know how
/// often something fails has metrics.
/// </summary>
internal sealed partial class CallLog(ILogger logger, TimeProvider time)
{
    /// <summary>Warnings a second, over all services.</summary>
    private const int MostPerSecond = 20;

    private readonly SecondCounter _warnings = new();

    /// <summary>The call ended with an answer of the service, or one of the mesh in its place.</summary>
    public void Answered(MeshCall call, HttpResponseMessage response)
    {
        if (call.Error is not null && MayWarn())
        {
            AnsweredByMesh(logger, call.Runtime.Upstream.Name, call.Error, call.Attempts);
        }

        if (logger.IsEnabled(LogLevel.Debug))
        {
            Ended(
                logger,
                call.Runtime.Upstream.Name,
                (int)response.StatusCode,
                call.Attempts,
                time.GetElapsedTime(call.Started).TotalMilliseconds);
        }
    }

    /// <summary>The call ended with an exception.</summary>
    public void Failed(MeshCall call, Exception exception)
    {
        // Giving up is the caller's right, and what the application threw itself is the application's to log.
        if (call.Error is not null && MayWarn())
        {
            EndedBadly(logger, exception.Message);
        }
    }

    private bool MayWarn()
    {
        if (!logger.IsEnabled(LogLevel.Warning))
        {
            return false;
        }

        var second = time.GetTimestamp() / time.TimestampFrequency;
        _warnings.Add(second, 1);
        return _warnings.Sum(second, window: 1) <= MostPerSecond;
    }

    [LoggerMessage(4100, LogLevel.Debug, "{Service} answered {Status} after {Attempts} attempt(s), {Milliseconds:0.0} ms.")]
    private static partial void Ended(ILogger logger, string service, int status, int attempts, double milliseconds);

    [LoggerMessage(4101, LogLevel.Warning, "Call failed. {Why}")]
    private static partial void EndedBadly(ILogger logger, string why);

    [LoggerMessage(4102, LogLevel.Warning, "{Service}: gRPC call answered by the mesh, {Reason} after {Attempts} attempt(s).")]
    private static partial void AnsweredByMesh(ILogger logger, string service, string reason, int attempts);
}
