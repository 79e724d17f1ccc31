namespace Mesh.AspNetCore.Limits;

/// <summary>What was measured between two evaluations.</summary>
/// <param name="Latency">Mean latency in seconds; 0 when no request ended.</param>
/// <param name="Count">Requests that ended.</param>
/// <param name="Peak">Most requests that ran at a time.</param>
/// <param name="QueueDelay">How long work items wait for a thread.</param>
/// <param name="Length">How long it was.</param>
internal readonly record struct MeasuredWindow(
    double Latency, int Count, int Peak, TimeSpan QueueDelay, TimeSpan Length);
