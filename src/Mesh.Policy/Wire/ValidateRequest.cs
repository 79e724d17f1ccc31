namespace Mesh.Policy;

/// <summary>The body of <c>POST /v1/validate</c>: would this document be accepted under this key?</summary>
public sealed record ValidateRequest
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>Where the document would stand.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>The document's text.</summary>
    public required string Body { get; init; }
}
