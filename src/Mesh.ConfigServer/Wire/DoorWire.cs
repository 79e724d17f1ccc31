namespace Mesh.ConfigServer.Wire;

/// <summary>The door of one service.</summary>
internal sealed record DoorWire
{
    public required string Service { get; init; }

    /// <summary>Instances that report their door to this desk now.</summary>
    public required int Instances { get; init; }

    /// <summary>Those of them that have an identity; the others speak plaintext only.</summary>
    public required int Identified { get; init; }

    /// <summary>Instances that report to this desk and say nothing of a door: older versions, or without one.</summary>
    public required int Silent { get; init; }

    /// <summary>Who would break under <c>inbound.tls: strict</c>.</summary>
    public required DoorOutlookWire Strict { get; init; }

    /// <summary>Who would break if intentions and the rules in shadow were enforced.</summary>
    public required DoorOutlookWire Enforce { get; init; }
}
