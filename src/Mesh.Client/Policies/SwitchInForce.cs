using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>One lever that is thrown in this process, with who threw it and why: the read model of switches.</summary>
internal sealed record SwitchInForce
{
    /// <summary>Its source when the environment threw it.</summary>
    public const string Environment = "MESH_MODE";

    /// <summary>The key of its document (<c>switches/services/orders</c>), or <see cref="Environment"/>.</summary>
    public required string Source { get; init; }

    /// <summary><c>global</c>, <c>service</c>, <c>caller</c> or <c>environment</c>: a closed list, for tags.</summary>
    public required string Scope { get; init; }

    /// <summary>Everything but last-good discovery, simple balancing, identity and TLS is off.</summary>
    public required bool Bypass { get; init; }

    /// <summary>The words of the mechanisms that are off: see <see cref="MechanismWords"/>.</summary>
    public required IReadOnlyList<string> Off { get; init; }

    /// <summary>When it falls back by itself; <see langword="null"/> means: when its document is deleted.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who threw it, as far as they said.</summary>
    public string? By { get; init; }

    /// <summary>Why, as far as they said.</summary>
    public string? Why { get; init; }

    /// <summary>The upstreams it acts on, by name.</summary>
    public required IReadOnlyList<string> Upstreams { get; init; }

    /// <summary><c>bypass</c> and the words of what is off.</summary>
    public IEnumerable<string> Words => Bypass ? Off.Prepend("bypass") : Off;

    /// <summary>Every lever that acts on one of these upstreams.</summary>
    /// <param name="upstreams">The services called.</param>
    /// <param name="caller">This process's service.</param>
    /// <param name="documents">Every switch document known.</param>
    /// <param name="bypass">The environment says <c>MESH_MODE=bypass</c>.</param>
    /// <param name="now">Switches that have fallen back are left out.</param>
    public static IReadOnlyList<SwitchInForce> Of(
        IReadOnlyCollection<string> upstreams,
        string? caller,
        IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> documents,
        bool bypass,
        DateTimeOffset now)
    {
        var thrown = upstreams
            .SelectMany(u => SwitchResolver.InForce(u, caller, documents, now).Select(s => (Switch: s, Upstream: u)))
            .GroupBy(t => t.Switch.Key)
            .OrderBy(g => g.Key.ToString(), StringComparer.Ordinal)
            .Select(g => From(g.Key, g.First().Switch.Value, InOrder(g.Select(t => t.Upstream))));
        return bypass ? [FromEnvironment(InOrder(upstreams)), .. thrown] : [.. thrown];
    }

    /// <summary>The lever on one line: <c>bypass, retry by ana until 2030-01-01T00:00:00Z: ORD-4711</c>.</summary>
    public override string ToString()
    {
        var until = Until is { } end ? $" until {end.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "";
        return $"{string.Join(", ", Words)}{(By is null ? "" : $" by {By}")}{until}{(Why is null ? "" : $": {Why}")}";
    }

    private static SwitchInForce From(PolicyKey key, SwitchDocument document, IReadOnlyList<string> upstreams) => new()
    {
        Source = key.ToString(),
        Scope = key.Scope switch
        {
            PolicyScope.Global => "global",
            PolicyScope.Service => "service",
            _ => "caller",
        },
        Bypass = document.Bypass,
        Off = MechanismWords.Of(document.Off),
        Until = document.Until,
        By = document.By,
        Why = document.Why,
        Upstreams = upstreams,
    };

    private static SwitchInForce FromEnvironment(IReadOnlyList<string> upstreams) => new()
    {
        Source = Environment,
        Scope = "environment",
        Bypass = true,
        Off = [],
        Upstreams = upstreams,
    };

    private static IReadOnlyList<string> InOrder(IEnumerable<string> upstreams) =>
        [.. upstreams.Order(StringComparer.Ordinal)];
}
