namespace Mesh.Policy;

/// <summary>One document as the desk pushes it.</summary>
public sealed record PolicyDocumentWire
{
    /// <summary>Its key.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>
    /// The revision of <see cref="Body"/>, i.e. the one in force; not the newest when that was refused.
    /// </summary>
    public required PolicyRevision Revision { get; init; }

    /// <summary>The text as its author wrote it and the desk accepted it.</summary>
    public required string Body { get; init; }

    /// <summary>Accepted, or why an older revision is still in force.</summary>
    public required PolicyDocumentState State { get; init; }
}
