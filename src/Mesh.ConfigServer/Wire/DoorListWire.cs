using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>The answer to <c>GET /v1/doors</c>: who would break if doors were stricter.</summary>
internal sealed record DoorListWire
{
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>Hours for which this desk has heard everything that was reported to it; 24 is all it keeps.</summary>
    public required double ListeningHours { get; init; }

    /// <summary>One for each service that has told of its door in the last 24 hours, by name.</summary>
    public required IReadOnlyList<DoorWire> Doors { get; init; }
}
