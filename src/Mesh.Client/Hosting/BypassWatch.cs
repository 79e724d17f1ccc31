using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Hosting;

/// <summary>
/// Counts calls to services of the mesh that go past it, by listening to the platform's own count of active requests on
/// the meter of handlers that belong to no service provider: those of <c>new HttpClient()</c>, and of channels made by
/// hand. Clients of the factory, meshed or left alone on purpose, and the mesh's own connections report to meters of
/// their provider, which are not listened to, so that they pay nothing for this.
/// </summary>
internal sealed partial class BypassWatch : IDisposable
{
    /// <summary>
    /// Names that are looked at. Beyond it somebody puts user input into host names, which would be endless series.
    /// </summary>
    internal const int MaxNames = 128;

    private const string PlatformMeter = "System.Net.Http";
    private const string ActiveRequests = "http.client.active_requests";

    private readonly ConcurrentDictionary<string, BypassedService> _services = new(StringComparer.Ordinal);
    private readonly MeshOptions _options;
    private readonly MeshNames _names;
    private readonly MeshRuntime _runtime;
    private readonly MeshConsul? _consul;
    private readonly MeshInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly MeterListener? _listener;

    public BypassWatch(
        MeshOptions options,
        MeshNames names,
        MeshRuntime runtime,
        MeshConsul? consul,
        MeshInstruments instruments,
        TimeProvider time,
        ILogger<BypassWatch> logger)
    {
        (_options, _names, _runtime, _consul) = (options, names, runtime, consul);
        (_instruments, _time, _logger) = (instruments, time, logger);
        if (options.CountBypassed)
        {
            _listener = new MeterListener { InstrumentPublished = Published };
            _listener.SetMeasurementEventCallback<long>(Measured);
            _listener.Start();
        }
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>A meter of a service provider has it as its scope; the one that all other handlers share has none.</summary>
    private void Published(Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == ActiveRequests && instrument.Meter is { Name: PlatformMeter, Scope: null })
        {
            listener.EnableMeasurementEvents(instrument, this);
        }
    }

    private static void Measured(
        Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (value > 0)
        {
            ((BypassWatch)state!).Started(tags);
        }
    }

    /// <summary>On the thread of the call that starts, before it is sent.</summary>
    private void Started(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (scheme, host, port) = ("", "", 0);
        foreach (var (key, value) in tags)
        {
            switch (key)
            {
                case "url.scheme":
                    scheme = value as string ?? "";
                    break;
                case "server.address":
                    host = value as string ?? "";
                    break;
                case "server.port":
                    port = value as int? ?? 0;
                    break;
            }
        }

        if (_names.TryGetService(scheme, host, port, out var name) && Find(name) is { } service)
        {
            _instruments.Bypassed(name, service.Called(out var ask));
            if (ask)
            {
                Ask(service);
            }
        }
    }

    private BypassedService? Find(string name)
    {
        if (_services.TryGetValue(name, out var service))
        {
            return service;
        }

        return _services.Count < MaxNames ? _services.GetOrAdd(name, new BypassedService(name, _time)) : null;
    }

    private void Ask(BypassedService service)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => AskAsync(service));
        }
    }

    private async Task AskAsync(BypassedService service)
    {
        var known = await IsServiceAsync(service.Name).ConfigureAwait(false);
        _instruments.Bypassed(service.Name, service.Answered(known));
        if (known is true)
        {
            Log.Bypassed(_logger, service.Name);
        }
    }

    /// <summary><see langword="null"/>: nobody could say.</summary>
    private async Task<bool?> IsServiceAsync(string name)
    {
        if (_options.Upstreams.ContainsKey(name) || _runtime.Find(name, out _) is { IsDeclared: true })
        {
            return true;
        }

        if (_consul is null)
        {
            return false;
        }

        try
        {
            var answer = await _consul.Client.GetServiceHealthAsync(name, ConsulQuery.None, _stop.Token)
                .ConfigureAwait(false);
            return answer.Value.Length > 0;
        }
        catch (Exception error) when (error is ConsulException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody waits for the answer, and the watches say loudly enough that Consul is away: a later call asks again.
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6020, LogLevel.Warning, "Calls to {Service} go past the mesh: they are made by an HttpClient that "
            + "came neither from IHttpClientFactory nor from IMeshHandlerFactory, without balancing, retries or policy. "
            + "Take it from one of them; Mesh:CountBypassed = false ends this warning and the count.",
            EventName = "CallsBypassTheMesh")]
        public static partial void Bypassed(ILogger logger, string service);
    }
}
