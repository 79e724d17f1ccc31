namespace Mesh.ConfigServer.Wire;

/// <summary>What would happen if a door were stricter.</summary>
internal sealed record DoorOutlookWire
{
    /// <summary>
    /// <c>callers</c>: these would break. <c>nobody</c>: nobody would have in 24 hours. <c>too-early</c>: nobody is known, of
    /// less than that. <c>no-identity</c>: some instance could not serve anybody. <c>unknown</c>: no instance reports now.
    /// </summary>
    public required string State { get; init; }

    /// <summary>The same for people.</summary>
    public required string Detail { get; init; }

    /// <summary>Of the last 24 hours, how many the reports cover.</summary>
    public required double KnownHours { get; init; }

    /// <summary>What is in force at the instances that report, each word once.</summary>
    public required IReadOnlyList<string> InForce { get; init; }

    /// <summary>Who would break, the most frequent first.</summary>
    public required IReadOnlyList<DoorCallerWire> Callers { get; init; }
}
