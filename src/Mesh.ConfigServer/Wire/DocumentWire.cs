using System.Text.Json.Nodes;
using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>The answer to <c>GET /v1/documents/{key}</c>.</summary>
internal sealed record DocumentWire
{
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>What the list says of it.</summary>
    public required JsonNode Document { get; init; }

    /// <summary>The text in force; <see langword="null"/> when nothing is.</summary>
    public string? Body { get; init; }
}
