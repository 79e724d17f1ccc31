using Mesh.OpenTelemetry.Tests.Otlp;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>A metric as the collector has it.</summary>
internal sealed record ReceivedMetric(IReadOnlyDictionary<string, string> Resource, string Meter, MetricData Data);
