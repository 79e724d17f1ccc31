namespace Mesh.Client.Attempts;

/// <summary>What a failure proves about the request.</summary>
internal enum Proof
{
    /// <summary>Nothing: it may have been executed.</summary>
    None,

    /// <summary>The peer's HTTP layer got it, the application did not.</summary>
    NotProcessed,

    /// <summary>Nothing of it was sent, its body was not even begun.</summary>
    Unsent,
}
