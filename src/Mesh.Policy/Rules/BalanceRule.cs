namespace Mesh.Policy;

/// <summary>How one endpoint is chosen out of many.</summary>
public sealed record BalanceRule
{
    /// <summary>
    /// <c>peak-ewma</c>, <c>least-request</c>, <c>round-robin</c>, <c>random</c>, or <c>custom:&lt;name&gt;</c> for one
    /// that the application registered.
    /// </summary>
    public required string Algorithm { get; init; }

    /// <summary>How long a new or returned endpoint takes to get its full share; zero switches slow start off.</summary>
    public required TimeSpan SlowStart { get; init; }

    /// <summary>
    /// When fewer than this share (0 to 1) of the endpoints is fit, all of them are used (panic); 0 switches it off.
    /// </summary>
    public required double PanicBelow { get; init; }
}
