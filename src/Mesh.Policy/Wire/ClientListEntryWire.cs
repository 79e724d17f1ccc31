namespace Mesh.Policy;

/// <summary>One client and when it was heard last.</summary>
/// <param name="LastSeen">When its last report came.</param>
/// <param name="Report">What it said.</param>
public sealed record ClientListEntryWire(DateTimeOffset LastSeen, ClientReport Report);
