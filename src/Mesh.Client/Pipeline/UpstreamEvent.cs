namespace Mesh.Client.Pipeline;

/// <summary>What may happen to an upstream's endpoints.</summary>
internal enum UpstreamEvent
{
    Ejected,

    /// <summary>An endpoint would have been ejected, had not as many been out as may.</summary>
    EjectionWithheld,

    /// <summary>It may be tried.</summary>
    Readmitted,

    /// <summary>It is used only when no other is left.</summary>
    Suspected,

    /// <summary>Its suspicion ended.</summary>
    Trusted,

    /// <summary>Security refuses it: it is not used.</summary>
    Insecure,

    /// <summary>The service was seen with TLS: it is not called in plaintext any more.</summary>
    SeenWithTls,

    SwitchesChanged,

    PanicBegan,

    PanicEnded,
}
