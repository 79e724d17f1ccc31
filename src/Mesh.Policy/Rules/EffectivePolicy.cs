namespace Mesh.Policy;

/// <summary>
/// What is in force for calls to one service after the merge of built-in defaults, the global document and the
/// service's own document: every value concrete, every value with its origin.
/// </summary>
public sealed record EffectivePolicy
{
    /// <summary>The service the calls go to.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// The routes in order; the first match wins. Never empty: the last one is <see cref="RouteRule.CatchAllName"/>
    /// and matches everything, unless the author's own last route already does.
    /// </summary>
    public required IReadOnlyList<RouteRule> Routes { get; init; }

    /// <summary>Named subsets of the service's endpoints, by name.</summary>
    public required IReadOnlyDictionary<string, SubsetRule> Subsets { get; init; }

    /// <summary>How one endpoint is chosen.</summary>
    public required BalanceRule Balance { get; init; }

    /// <summary>When an endpoint is ejected, and for how long.</summary>
    public required OutlierRule Outlier { get; init; }

    /// <summary>The version of HTTP between members with identities.</summary>
    public TransportProtocol Protocol { get; init; } = TransportProtocol.Auto;

    /// <summary>
    /// Where each value comes from: a JSON-pointer-like path (<c>/retry/maxAttempts</c>,
    /// <c>/routes/checkout/timeout/total</c>) to <c>default</c>, <c>global</c>, <c>service</c> or
    /// <c>route:&lt;name&gt;</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Origins { get; init; }
}
