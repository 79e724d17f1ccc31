namespace Mesh.Consul;

/// <summary>What is unusual about an answer of a blocking query.</summary>
public enum BlockingQueryTransition
{
    /// <summary>Nothing: the index grew, or nothing changed.</summary>
    None,

    /// <summary>The first answer of this query.</summary>
    First,

    /// <summary>The first answer after one or more failures.</summary>
    Recovered,

    /// <summary>
    /// The index went backwards: another history (restore, restart, leader change). Absence proves nothing.
    /// </summary>
    IndexRegressed,
}
