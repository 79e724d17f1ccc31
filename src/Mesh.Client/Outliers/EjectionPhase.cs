namespace Mesh.Client.Outliers;

/// <summary>Where an endpoint stands on its way out and back.</summary>
internal enum EjectionPhase
{
    /// <summary>In.</summary>
    None,

    /// <summary>Out until its time has passed.</summary>
    Ejected,

    /// <summary>Its time has passed; it waits for a call that tries it.</summary>
    Returning,

    /// <summary>One call is trying it.</summary>
    Probing,
}
