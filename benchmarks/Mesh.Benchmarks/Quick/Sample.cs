namespace Mesh.Benchmarks.Quick;

/// <summary>What one round saw of one variant.</summary>
/// <param name="Nanoseconds">Per call.</param>
/// <param name="Bytes">Allocated per call, by all threads of the process.</param>
internal readonly record struct Sample(double Nanoseconds, double Bytes);
