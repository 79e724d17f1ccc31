namespace Mesh.Policy;

/// <summary>What a switch document says, as the desk understands it.</summary>
public sealed record SwitchWire
{
    /// <summary>Everything but the essential is off.</summary>
    public required bool Bypass { get; init; }

    /// <summary>The words of the mechanisms that are off: see <see cref="MechanismWords"/>.</summary>
    public IReadOnlyList<string> Off { get; init => field = value ?? []; } = [];

    /// <summary>When it falls back by itself.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>It has fallen back, by the desk's clock.</summary>
    public bool Expired { get; init; }

    /// <summary>Who threw it.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Why { get; init; }

    /// <summary>A document as this says it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="isExpired">It has fallen back.</param>
    public static SwitchWire From(SwitchDocument document, bool isExpired)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new SwitchWire
        {
            Bypass = document.Bypass,
            Off = MechanismWords.Of(document.Off),
            Until = document.Until,
            Expired = isExpired,
            By = document.By,
            Why = document.Why,
        };
    }
}
