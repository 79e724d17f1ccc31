namespace Mesh.Client.Balancing;

/// <summary>A balance rule compiled.</summary>
/// <param name="Algorithm">As in the policy.</param>
/// <param name="SlowStart">How long a new or returned endpoint takes to get its full share; zero: none.</param>
/// <param name="PanicBelow">Share of fit endpoints below which all are used; 0: never.</param>
internal sealed record BalancePlan(string Algorithm, TimeSpan SlowStart, double PanicBelow)
{
    /// <summary>The share a slow start begins with (Envoy, Istio: 10 %).</summary>
    public const double FirstShare = 0.1;

    /// <summary>How often shares grow during a slow start: 30 steps, no more than ten a second.</summary>
    public TimeSpan Step => TimeSpan.FromTicks(Math.Max(SlowStart.Ticks / 30, TimeSpan.TicksPerSecond / 10));

    /// <summary>The share after so many seconds of slow start: linear.</summary>
    public double Share(double seconds) => SlowStart <= TimeSpan.Zero
        ? 1
        : Math.Clamp(seconds / SlowStart.TotalSeconds, FirstShare, 1);
}
