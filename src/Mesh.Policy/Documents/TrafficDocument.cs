namespace Mesh.Policy;

/// <summary>
/// What an operator wrote under <c>policy/global</c> or <c>policy/services/&lt;service&gt;</c>: how callers reach a
/// service. Everything is optional: what is not said here comes from the layer below.
/// </summary>
public sealed record TrafficDocument
{
    /// <summary>The schema version this library reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The version of the language the document is written in.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Who and why.</summary>
    public PolicyMeta? Meta { get; init; }

    /// <summary>The dangers the author has accepted: see <see cref="DangerCodes"/>.</summary>
    public IReadOnlyList<string>? Accept { get; init; }

    /// <summary>Deadlines.</summary>
    public TimeoutSection? Timeout { get; init; }

    /// <summary>Retries; may be off.</summary>
    public Setting<RetrySection>? Retry { get; init; }

    /// <summary>Balancing.</summary>
    public BalanceSection? Balance { get; init; }

    /// <summary>Ejection; may be off.</summary>
    public Setting<OutlierSection>? Outlier { get; init; }

    /// <summary>Protocols.</summary>
    public TransportSection? Transport { get; init; }

    /// <summary>What the service does with the calls it receives: the only part that concerns itself and not its callers.</summary>
    public InboundSection? Inbound { get; init; }

    /// <summary>Subsets by name; only in a service's document.</summary>
    public IReadOnlyDictionary<string, SubsetSection>? Subsets { get; init; }

    /// <summary>Routes in order; only in a service's document.</summary>
    public IReadOnlyList<RouteSection>? Routes { get; init; }
}
