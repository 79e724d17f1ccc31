namespace Mesh.Policy;

/// <summary>Whether a verdict acts or is only counted.</summary>
public enum RuleMode
{
    /// <summary>A denial is counted and logged as one that would have been, and the request goes on.</summary>
    Shadow,

    /// <summary>A denial is answered with 403 or PERMISSION_DENIED.</summary>
    Enforce,
}
