namespace Mesh.LoadBench.Load;

/// <summary>What a client process is told to do next.</summary>
/// <param name="InFlight">Calls at once, each followed by the next.</param>
/// <param name="RampMilliseconds">Load that is not counted.</param>
/// <param name="WindowMilliseconds">Load that is.</param>
internal sealed record WindowOrder(int InFlight, int RampMilliseconds, int WindowMilliseconds);
