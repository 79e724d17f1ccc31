namespace Mesh.Client.Attempts;

/// <summary>Whether another attempt follows.</summary>
/// <param name="Kind">Whether, and on whose account.</param>
/// <param name="Reason">Why, from a closed list of words; empty when there was nothing to decide.</param>
/// <param name="Delay">The pause before it.</param>
internal readonly record struct RetryDecision(RetryKind Kind, string Reason, TimeSpan Delay)
{
    /// <summary>The policy does not name this failure, or it is none: nothing was decided.</summary>
    public static RetryDecision Final { get; } = new(RetryKind.Stop, "", default);

    public static RetryDecision Stop(string reason) => new(RetryKind.Stop, reason, default);
}
