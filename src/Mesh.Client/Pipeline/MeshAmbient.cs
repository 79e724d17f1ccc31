namespace Mesh.Client.Pipeline;

/// <summary>What an inbound request hands on to the calls made on its behalf.</summary>
internal static class MeshAmbient
{
    private static readonly AsyncLocal<bool> RetriedRequest = new();

    /// <summary>
    /// The request being served is itself a retry: its caller retries already, so that calls made on its behalf are
    /// repeated only when they were provably not sent. Otherwise each hop would multiply the load of a failing one.
    /// </summary>
    public static bool IsRetriedRequest
    {
        get => RetriedRequest.Value;
        set => RetriedRequest.Value = value;
    }
}
