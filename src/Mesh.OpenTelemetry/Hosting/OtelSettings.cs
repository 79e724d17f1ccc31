using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>
/// The standard variables <c>OTEL_*</c> that decide whether and where a signal is exported; the configuration has the
/// environment in it. What cannot be read is told and counts as not set: telemetry must not keep a service from
/// starting.
/// </summary>
internal sealed class OtelSettings
{
    private const string Otlp = "OTEL_EXPORTER_OTLP_";

    /// <summary>The port that the protocol reserves for HTTP: whoever names it does not mean gRPC.</summary>
    private const int HttpPort = 4318;

    private readonly IConfiguration _configuration;
    private readonly List<string> _problems = [];
    private readonly OtlpTarget?[] _targets = new OtlpTarget?[3];

    public OtelSettings(IConfiguration configuration)
    {
        _configuration = configuration;
        IsDisabled = string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        foreach (var signal in Enum.GetValues<Signal>())
        {
            _targets[(int)signal] = IsDisabled || !IsWanted(signal) ? null : ReadTarget(signal);
        }

        // Read here, although only a provider asks for them: problems are told before one is built.
        MetricInterval = Milliseconds("OTEL_METRIC_EXPORT_INTERVAL") ?? 60_000;
        MetricTimeout = Milliseconds("OTEL_METRIC_EXPORT_TIMEOUT") ?? 30_000;
    }

    /// <summary>Everything is off.</summary>
    public bool IsDisabled { get; }

    /// <summary>What could not be read or obeyed, each a sentence.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Milliseconds between two exports of metrics.</summary>
    public int MetricInterval { get; }

    /// <summary>Milliseconds an export of metrics may take.</summary>
    public int MetricTimeout { get; }

    /// <summary>Collectors that keep no state want only what is new.</summary>
    public bool PrefersDelta => string.Equals(
        Value(Otlp + "METRICS_TEMPORALITY_PREFERENCE"), "delta", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where a signal goes; <see langword="null"/>: nowhere.</summary>
    public OtlpTarget? Target(Signal signal) => _targets[(int)signal];

    private static string Word(Signal signal) => signal switch
    {
        Signal.Traces => "TRACES",
        Signal.Metrics => "METRICS",
        _ => "LOGS",
    };

    private bool IsWanted(Signal signal)
    {
        var name = $"OTEL_{Word(signal)}_EXPORTER";
        if (Value(name) is not { } text)
        {
            return Value(Otlp + "ENDPOINT") is not null || Value($"{Otlp}{Word(signal)}_ENDPOINT") is not null;
        }

        var exporters = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var exporter in exporters)
        {
            // Prometheus is MapMeshMetrics(); the variable only says that nothing is to be pushed.
            var known = exporter is "otlp" or "none" || (exporter == "prometheus" && signal == Signal.Metrics);
            if (!known)
            {
                _problems.Add($"{name} names '{exporter}', which the mesh does not have: 'otlp' and 'none' are known. "
                    + "Add an exporter of your own with AddOpenTelemetry(telemetry => ...).");
            }
        }

        return exporters.Contains("otlp") && !exporters.Contains("none");
    }

    private OtlpTarget? ReadTarget(Signal signal)
    {
        // The variable of the signal is the whole address; the common one is what the signal's path comes below.
        var own = $"{Otlp}{Word(signal)}_ENDPOINT";
        var isOwn = Value(own) is not null;
        var name = isOwn ? own : Otlp + "ENDPOINT";
        var text = Value(name);
        Uri? address = null;
        if (text is not null
            && (!Uri.TryCreate(text, UriKind.Absolute, out address) || address.Scheme is not ("http" or "https")))
        {
            _problems.Add($"{name} is '{text}', which is no address of http or https: nothing is exported there.");
            return null;
        }

        var protocol = ReadProtocol(signal, address);
        address ??= new Uri(protocol == OtlpExportProtocol.Grpc ? "http://localhost:4317" : "http://localhost:4318");
        return new OtlpTarget
        {
            Endpoint = isOwn || protocol == OtlpExportProtocol.Grpc ? address : Below(address, signal),
            Protocol = protocol,
            Headers = OfSignal(signal, "HEADERS"),
            Timeout = Milliseconds($"{Otlp}{Word(signal)}_TIMEOUT") ?? Milliseconds(Otlp + "TIMEOUT"),
            Gzip = string.Equals(OfSignal(signal, "COMPRESSION"), "gzip", StringComparison.OrdinalIgnoreCase),
        };
    }

    private OtlpExportProtocol ReadProtocol(Signal signal, Uri? address)
    {
        switch (OfSignal(signal, "PROTOCOL"))
        {
            case "grpc":
                return OtlpExportProtocol.Grpc;
            case "http/protobuf":
                return OtlpExportProtocol.HttpProtobuf;
            case { } other:
                _problems.Add($"{Otlp}PROTOCOL is '{other}': 'grpc' and 'http/protobuf' are known.");
                break;
        }

        return address is { Port: HttpPort } ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
    }

    private static Uri Below(Uri address, Signal signal) =>
        new($"{address.AbsoluteUri.TrimEnd('/')}/v1/{Word(signal).ToLowerInvariant()}");

    private string? OfSignal(Signal signal, string what) => Value($"{Otlp}{Word(signal)}_{what}") ?? Value(Otlp + what);

    private int? Milliseconds(string name)
    {
        if (Value(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0)
        {
            return value;
        }

        if (!_problems.Exists(p => p.StartsWith(name, StringComparison.Ordinal)))
        {
            _problems.Add($"{name} is '{text}': a number of milliseconds above 0 is expected.");
        }

        return null;
    }

    /// <summary>An empty variable counts as not set.</summary>
    private string? Value(string name) => _configuration[name]?.Trim() is { Length: > 0 } value ? value : null;
}
