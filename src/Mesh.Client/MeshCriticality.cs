namespace Mesh.Client;

/// <summary>
/// How much a call matters when not all can be served: an overloaded service turns away the least first. Greater is more.
/// </summary>
public enum MeshCriticality
{
    /// <summary>Nobody notices for a while: batch work, prefetching.</summary>
    Sheddable = -2,

    /// <summary>Users get less, and still what they came for: recommendations, previews.</summary>
    SheddablePlus = -1,

    /// <summary>The default: users see the failure.</summary>
    Critical = 0,

    /// <summary>What must go on when all else is turned away; where everything is this, nothing is.</summary>
    CriticalPlus = 1,
}
