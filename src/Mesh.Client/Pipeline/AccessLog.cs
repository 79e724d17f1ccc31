using Mesh.Client.Attempts;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// One line a call: what became of it, where, and why. A good call costs one comparison unless all calls are asked for. What
/// a line says comes from the mesh, its policy and its registry: nothing of the request but its method.
/// </summary>
internal sealed partial class AccessLog
{
    public const string Category = "Mesh.Access";

    private const string None = "-";

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly LogLimiter _failed;
    private readonly LogLimiter _good;
    private readonly double _sample;
    private readonly bool _tellsErrors;
    private readonly bool _tellsAll;

    public AccessLog(MeshAccessLogOptions options, ILogger logger, TimeProvider time, Random random)
    {
        (_logger, _time, _random) = (logger, time, random);
        _tellsErrors = options.Mode != MeshAccessLogMode.Off;
        _tellsAll = options.Mode == MeshAccessLogMode.All && options.Sample > 0;
        _sample = options.Sample;
        _failed = new LogLimiter(time, (options.LinesPerSecond + 1) / 2, options.LinesPerSecond);
        _good = new LogLimiter(time, options.LinesPerSecond);
    }

    /// <summary>The call ended with an answer of the service, or one of the mesh in its place.</summary>
    public void Answered(MeshCall call, HttpResponseMessage response)
    {
        if (call.IsGood && call.Error is null)
        {
            if (_tellsAll)
            {
                TellGood(call, (int)response.StatusCode);
            }

            return;
        }

        Ended(call, (int)response.StatusCode, detail: "");
    }

    /// <summary>The call ended with an exception.</summary>
    public void Failed(MeshCall call, Exception exception) =>
        Ended(call, status: 0, call.Error is null ? "" : $" {exception.Message}");

    /// <summary>The call ended before there was an endpoint to ask, or even a route.</summary>
    public void Unresolved(string service, HttpRequestMessage request, string reason, long started)
    {
        if (_tellsErrors && _logger.IsEnabled(LogLevel.Warning) && _failed.MayWrite(reason, out var more))
        {
            Log.Failed(
                _logger, service, RequestFacts.MethodWord(request), None, None, 0, 0, Milliseconds(started), None, reason, None,
                "", more);
        }
    }

    private void Ended(MeshCall call, int status, string detail)
    {
        var outcome = call.Verdict.Outcome;

        // Giving up is the caller's right, and what the application threw itself is the application's to log.
        if (call.Error is null && outcome is AttemptOutcome.Success or AttemptOutcome.Cancelled)
        {
            if (_tellsAll)
            {
                TellGood(call, status);
            }

            return;
        }

        var reason = call.Error ?? outcome.Reason();
        if (_tellsErrors && _logger.IsEnabled(LogLevel.Warning) && _failed.MayWrite(reason, out var more))
        {
            Log.Failed(
                _logger, call.Runtime.Upstream.Name, RequestFacts.MethodWord(call.Request), call.RouteName, Outcome(call),
                status, call.Attempts, Milliseconds(call.Started), Endpoint(call), reason, call.NotRetried ?? None, detail,
                more);
        }
    }

    private void TellGood(MeshCall call, int status)
    {
        if (_logger.IsEnabled(LogLevel.Information)
            && (_sample >= 1 || _random.NextDouble() < _sample)
            && _good.MayWrite("", out var more))
        {
            Log.Answered(
                _logger, call.Runtime.Upstream.Name, RequestFacts.MethodWord(call.Request), call.RouteName, Outcome(call),
                status, call.Attempts, Milliseconds(call.Started), Endpoint(call), more);
        }
    }

    private static string Outcome(MeshCall call) => call.Attempts == 0 ? None : call.Verdict.Outcome.Word();

    private static string Endpoint(MeshCall call) => call.Attempts == 0 ? None : call.Endpoint.Id;

    private double Milliseconds(long started) => _time.GetElapsedTime(started).TotalMilliseconds;

    private static partial class Log
    {
        [LoggerMessage(4100, LogLevel.Information,
            "{Service} {Method} (route {Route}): {Outcome}, status {Status}, {Attempts} attempt(s), {Milliseconds:0.0} ms, " +
            "endpoint {Endpoint}.{More}")]
        public static partial void Answered(
            ILogger logger, string service, string method, string route, string outcome, int status, int attempts,
            double milliseconds, string endpoint, string more);

        [LoggerMessage(4101, LogLevel.Warning,
            "{Service} {Method} (route {Route}) failed: {Outcome}, status {Status}, {Attempts} attempt(s), " +
            "{Milliseconds:0.0} ms, endpoint {Endpoint}, reason {Reason}, not retried {NotRetried}.{Detail}{More}")]
        public static partial void Failed(
            ILogger logger, string service, string method, string route, string outcome, int status, int attempts,
            double milliseconds, string endpoint, string reason, string notRetried, string detail, string more);
    }
}
