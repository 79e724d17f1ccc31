namespace Mesh.Client.Attempts;

/// <summary>Why a deadline cancelled an attempt.</summary>
internal enum DeadlineCause
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The attempt took too long, and another may follow.</summary>
    Attempt,

    /// <summary>The call's time is up.</summary>
    Total,
}
