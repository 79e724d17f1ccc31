using OpenTelemetry.Exporter;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>Where a signal goes, after all variables.</summary>
internal sealed record OtlpTarget
{
    public required Uri Endpoint { get; init; }

    public required OtlpExportProtocol Protocol { get; init; }

    public string? Headers { get; init; }

    /// <summary>Milliseconds; <see langword="null"/>: the exporter's own default, ten seconds.</summary>
    public int? Timeout { get; init; }

    public bool Gzip { get; init; }

    /// <summary>For the exporter, which reads certificates from the environment by itself.</summary>
    public OtlpExporterOptions ToOptions()
    {
        var options = new OtlpExporterOptions
        {
            Endpoint = Endpoint,
            Protocol = Protocol,
            Headers = Headers,
            Compression = Gzip ? OtlpExportCompression.GZip : OtlpExportCompression.None,
        };
        if (Timeout is { } timeout)
        {
            options.TimeoutMilliseconds = timeout;
        }

        return options;
    }
}
