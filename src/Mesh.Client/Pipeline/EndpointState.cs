namespace Mesh.Client.Pipeline;

/// <summary>What an endpoint may be used for right now.</summary>
internal enum EndpointState
{
    /// <summary>Everything.</summary>
    Ready,

    /// <summary>Only when no ready one is left.</summary>
    Suspect,

    /// <summary>Ejected for its failures; only in panic.</summary>
    Ejected,

    /// <summary>Ejected, but its time has passed: one call may try it.</summary>
    Returning,

    /// <summary>The registry says it does not work; only when nothing else is left.</summary>
    Critical,

    /// <summary>Never.</summary>
    Maintenance,

    /// <summary>Never: its connections would not be what security asks for.</summary>
    Insecure,
}
