namespace Mesh.Policy;

/// <summary>Who wrote a document and why; no effect on traffic.</summary>
public sealed record PolicyMeta
{
    /// <summary>The team that answers for the document.</summary>
    public string? Owner { get; init; }

    /// <summary>Who made the last change.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Why { get; init; }

    /// <summary>Where it is tracked.</summary>
    public string? Ticket { get; init; }
}
