namespace Mesh.Policy;

/// <summary>Requests granted per time: <c>"100 per 1s"</c>.</summary>
/// <param name="Permits">How many.</param>
/// <param name="Window">In which time.</param>
public readonly record struct RateLimit(int Permits, TimeSpan Window);
