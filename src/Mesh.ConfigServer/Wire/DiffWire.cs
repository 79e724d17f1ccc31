using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>The answer to <c>GET /v1/documents/{key}/diff</c>.</summary>
internal sealed record DiffWire
{
    public int Schema { get; init; } = WireSchema.Current;

    public required string Key { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    /// <summary>By place; entries of a list that have names go by these.</summary>
    public required IReadOnlyList<DiffChangeWire> Changes { get; init; }

    /// <summary>The same line by line: <c>' '</c>, <c>'-'</c> or <c>'+'</c> and the line.</summary>
    public required IReadOnlyList<string> Text { get; init; }
}
