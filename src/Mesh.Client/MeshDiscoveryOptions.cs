namespace Mesh.Client;

/// <summary>Discovery and its safety nets.</summary>
public sealed class MeshDiscoveryOptions
{
    /// <summary>False asks Consul for nothing: only static endpoints are known. Default true.</summary>
    public bool UseConsul { get; set; } = true;

    /// <summary>
    /// False believes every answer at once, also an empty one, and forgets endpoints when Consul is lost. Only for
    /// measuring what the last good set is worth. Default true.
    /// </summary>
    public bool KeepLastGood { get; set; } = true;

    /// <summary>How long a first call waits for the first answer about its service, 0 to 10 s. Default 2 s.</summary>
    public TimeSpan FirstAnswerTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long vanished endpoints stay suspect before a consistent read decides, 1 s to 5 min. Default 10 s.</summary>
    public TimeSpan SuspectWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A service not called for this long is no longer watched, 1 min to 1 day. Default 10 min.</summary>
    public TimeSpan IdleWatch { get; set; } = TimeSpan.FromMinutes(10);
}
