using Mesh.OpenTelemetry.Tests.Otlp;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>A log record as the collector has it.</summary>
internal sealed record ReceivedLog(IReadOnlyDictionary<string, string> Resource, string Category, LogData Data);
