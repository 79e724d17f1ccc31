namespace Mesh.LoadBench;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Rounds; in each one every variant runs once per level of load.</param>
internal sealed record Plan(int Rounds)
{
    public const int Saturated = 64;
    public const int Alone = 1;

    /// <summary>First load of each process, counted by itself: a shorter one would leave the compiler busy.</summary>
    public const int WarmUpMilliseconds = 8_000;

    /// <summary>Ramp and window, in milliseconds.</summary>
    public static (int Ramp, int Window) Of(int inFlight) => inFlight == Saturated ? (400, 2_000) : (200, 1_000);
}
