namespace Mesh.ConfigServer.Editing;

/// <summary>What became of a change that was asked for.</summary>
internal enum WriteOutcome
{
    /// <summary>It is in Consul KV.</summary>
    Written,

    /// <summary>The document says this already; nothing was written.</summary>
    Unchanged,

    /// <summary>The document has problems.</summary>
    Refused,

    /// <summary>The document is not at the index that the author has seen.</summary>
    Conflict,

    /// <summary>Some connected clients would not obey it, and the author has not accepted that.</summary>
    ClientsCannotObey,

    /// <summary>Callers that are let in now would be refused, and the author has not accepted that.</summary>
    CallersWouldBreak,
}
