namespace Mesh.Policy;

/// <summary>Retries that are always allowed: <c>"3 per 10s"</c>.</summary>
/// <param name="Count">How many.</param>
/// <param name="Window">In which time; the budget's ratio counts over the same window.</param>
public readonly record struct BudgetFloor(int Count, TimeSpan Window);
