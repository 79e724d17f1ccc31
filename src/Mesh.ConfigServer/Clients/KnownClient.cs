using Mesh.Policy;

namespace Mesh.ConfigServer.Clients;

/// <summary>
/// A client and what it last said, with a date for people and a timestamp to expire by: a clock that is set forgets
/// nobody. What it understands is kept apart, once for all clients of one version.
/// </summary>
internal sealed record KnownClient(
    DateTimeOffset LastSeen, long SeenAt, ClientReport Report, Vocabulary? Understands)
{
    /// <summary>What it cost to say it, in bytes.</summary>
    public int Bytes { get; init; }

    /// <summary>It told of its door, which is kept elsewhere.</summary>
    public bool HasDoor { get; init; }
}
