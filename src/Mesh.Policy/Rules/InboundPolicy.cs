namespace Mesh.Policy;

/// <summary>
/// How a service protects itself: <c>inbound</c> of <c>policy/global</c> and of its own <c>policy/services/&lt;service&gt;</c>,
/// merged; every value concrete.
/// </summary>
public sealed record InboundPolicy
{
    /// <summary>Rates in order; every one that matches a request must grant it a token. Empty: none.</summary>
    public IReadOnlyList<RateRule> Rates { get; init; } = [];

    /// <summary>How many requests run at a time; <see langword="null"/> is no limit.</summary>
    public InboundConcurrency? Concurrency { get; init; }

    /// <summary>
    /// Where each value comes from: a JSON-pointer-like path (<c>/inbound/rate</c>) to <c>default</c>, <c>global</c> or
    /// <c>service</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = new Dictionary<string, string>();
}
