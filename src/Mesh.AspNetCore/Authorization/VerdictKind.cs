namespace Mesh.AspNetCore.Authorization;

/// <summary>What becomes of a request.</summary>
internal enum VerdictKind
{
    Allow,
    Deny,

    /// <summary>A rule would decide by the path, which can be read in more than one way.</summary>
    Ambiguous,

    /// <summary>The end user has to be known first.</summary>
    NeedsUser,
}
