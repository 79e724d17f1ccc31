namespace Mesh.Consul;

/// <summary>The state of a check.</summary>
public enum ConsulHealth
{
    /// <summary><c>passing</c>.</summary>
    Passing,

    /// <summary><c>warning</c>.</summary>
    Warning,

    /// <summary><c>critical</c>.</summary>
    Critical,
}
