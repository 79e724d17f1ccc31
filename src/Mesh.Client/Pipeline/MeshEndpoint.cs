using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Transport;

namespace Mesh.Client;

/// <summary>
/// One endpoint of an upstream: an identity with state (load, latency, outlier) that survives changes of its description.
/// </summary>
public sealed class MeshEndpoint
{
    private EndpointInfo _info;

    internal MeshEndpoint(EndpointInfo info) => _info = info;

    /// <summary>Identifies the endpoint within its service.</summary>
    public string Id => Info.Id;

    /// <summary>The host or address that is dialled.</summary>
    public string Host => Info.Host;

    /// <summary>The port that is dialled.</summary>
    public int Port => Info.Port;

    /// <summary>Its weight, at least 1.</summary>
    public int Weight => Info.Weight;

    /// <summary>The failure domain it registered, if any.</summary>
    public string? Zone => Info.Zone;

    /// <summary>The metadata it registered.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Info.Metadata;

    /// <summary>Attempts whose response body has not ended yet.</summary>
    public int InFlight => throw new NotImplementedException();

    internal EndpointInfo Info
    {
        get => Volatile.Read(ref _info);
        set => Volatile.Write(ref _info, value);
    }

    /// <summary>Its connections, made on first use.</summary>
    internal EndpointTransport Transport => throw new NotImplementedException();

    /// <summary>An attempt begins: it counts as in flight until <see cref="End"/>.</summary>
    internal void Begin() => throw new NotImplementedException();

    /// <summary>
    /// Response headers came, or the attempt failed: latency and outlier state learn from it. Called exactly once per
    /// <see cref="Begin"/>, before <see cref="End"/>.
    /// </summary>
    /// <param name="started">Timestamp at which the attempt began.</param>
    /// <param name="now">Timestamp at which its outcome was known.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="retryAfter">How long the endpoint asked to be spared, if it did.</param>
    internal void Observe(long started, long now, AttemptOutcome outcome, TimeSpan? retryAfter = null) =>
        throw new NotImplementedException();

    /// <summary>
    /// Something was learned after the headers (a gRPC status in trailers, a broken body): outlier state learns from it,
    /// latency does not.
    /// </summary>
    internal void ObserveLate(AttemptOutcome outcome) => throw new NotImplementedException();

    /// <summary>The attempt is over: its response body ended, was disposed, or there was none.</summary>
    internal void End() => throw new NotImplementedException();

    /// <summary>Use only when no other is left, until the registry lists it anew or it has answered well for a while.</summary>
    internal void MarkSuspect() => throw new NotImplementedException();
}
