namespace Mesh.AspNetCore.Limits;

/// <summary>
/// Requests admitted within the same second. When it is too old, those of it that still wait are no longer counted: they
/// wait for something slow (a stream that never answers, a long poll), and would hold their places for ever.
/// </summary>
internal sealed class Cohort
{
    // Far below what any number of departures could reach from zero.
    private const int Expired = int.MinValue / 2;

    private int _running;

    /// <summary>False when it has expired: whoever came too late for it enters the next one.</summary>
    public bool Enter() => Interlocked.Increment(ref _running) > Expired / 2;

    /// <summary>False when it had expired: its place was given back then.</summary>
    public bool Leave() => Interlocked.Decrement(ref _running) > Expired / 2;

    /// <summary>How many places are to be given back for those that still run. Called once.</summary>
    public int Expire() => Interlocked.Exchange(ref _running, Expired);
}
