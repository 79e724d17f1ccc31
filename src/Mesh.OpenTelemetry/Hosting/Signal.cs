namespace Mesh.OpenTelemetry.Hosting;

/// <summary>What is exported.</summary>
internal enum Signal
{
    Traces,
    Metrics,
    Logs,
}
