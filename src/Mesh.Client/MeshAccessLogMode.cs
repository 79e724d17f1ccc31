namespace Mesh.Client;

/// <summary>Which calls are told in the access log.</summary>
public enum MeshAccessLogMode
{
    /// <summary>None.</summary>
    Off,

    /// <summary>Calls that failed, and calls answered with 429, 5xx or what gRPC has in their place.</summary>
    Errors,

    /// <summary>Those, and of all others the share that <see cref="MeshAccessLogOptions.Sample"/> says.</summary>
    All,
}
