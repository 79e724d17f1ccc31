namespace Mesh.Client;

/// <summary>Per-request settings: <c>request.Options.Set(MeshRequestOptions.NoRetry, true)</c>.</summary>
public static class MeshRequestOptions
{
    /// <summary>
    /// Total time from the start of the call to its response headers; the smaller of this and the policy's holds.
    /// <see cref="Timeout.InfiniteTimeSpan"/> is as good as none.
    /// </summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> Deadline = new("mesh.deadline");

    /// <summary>
    /// How much this call matters when its service cannot serve all; otherwise as much as the request on whose behalf it is
    /// made (<see cref="MeshContext.Criticality"/>). Only members are told.
    /// </summary>
    public static readonly HttpRequestOptionsKey<MeshCriticality> Criticality = new("mesh.criticality");

    /// <summary>True: one attempt only, but for requests that provably were not sent.</summary>
    public static readonly HttpRequestOptionsKey<bool> NoRetry = new("mesh.no-retry");

    /// <summary>True: repeating this request is safe, whatever its method.</summary>
    public static readonly HttpRequestOptionsKey<bool> Idempotent = new("mesh.idempotent");

    /// <summary>Requests with equal keys go to the same endpoint where the load balancer hashes.</summary>
    public static readonly HttpRequestOptionsKey<string> HashKey = new("mesh.hash-key");
}
