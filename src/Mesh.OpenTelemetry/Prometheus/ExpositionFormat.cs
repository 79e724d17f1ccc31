namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>How metrics are written down.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text 0.0.4, which everything reads.</summary>
    Text,

    /// <summary>OpenMetrics 1.0: units, exemplars, an end mark.</summary>
    OpenMetrics,
}
