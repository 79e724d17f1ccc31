using System.Text.Json.Nodes;

namespace Mesh.ConfigServer.Wire;

/// <summary>One difference between two documents.</summary>
/// <param name="Path">Where.</param>
/// <param name="Kind"><c>added</c>, <c>removed</c>, <c>changed</c> or <c>moved</c>.</param>
/// <param name="Before">What stood there; of a list that was reordered, the names in their order.</param>
/// <param name="After">What stands there.</param>
internal sealed record DiffChangeWire(string Path, string Kind, JsonNode? Before, JsonNode? After);
