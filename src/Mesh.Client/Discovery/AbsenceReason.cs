namespace Mesh.Client.Discovery;

/// <summary>Why endpoints that the registry no longer lists are kept for now; a label in logs and metrics.</summary>
internal enum AbsenceReason
{
    /// <summary>Nothing is in doubt.</summary>
    None,

    /// <summary>The answer was empty.</summary>
    Empty,

    /// <summary>The answer had lost more than half of four or more endpoints at once.</summary>
    Shrunk,

    /// <summary>
    /// The index went backwards: the registry speaks from another history, in which absence proves nothing.
    /// </summary>
    Regressed,

    /// <summary>The token may not see what the answer lacks, so the answer says nothing about it.</summary>
    Acl,
}
