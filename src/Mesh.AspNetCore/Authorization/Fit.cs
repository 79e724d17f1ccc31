namespace Mesh.AspNetCore.Authorization;

/// <summary>Whether conditions hold for a request.</summary>
internal enum Fit
{
    No,
    Yes,

    /// <summary>All but the path do, and the path can be read in more than one way.</summary>
    Ambiguous,

    /// <summary>It depends on the end user, who is not known yet.</summary>
    NeedsUser,
}
