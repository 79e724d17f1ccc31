using Mesh.Client.Discovery;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// A service this process calls: identity with state (budget, balancers, endpoints) for the life of the process. Feeds
/// apply snapshots and policy to it; calls read <see cref="Runtime"/>.
/// </summary>
internal sealed class Upstream
{
    /// <summary>The service's name, lower case.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>
    /// What calls run on; <see langword="null"/> until endpoints are first known, and again never after that.
    /// </summary>
    public ServiceRuntime? Runtime => throw new NotImplementedException();

    /// <summary>A source answered that it has never heard of the service (and no source ever gave endpoints).</summary>
    public bool IsUnknown => throw new NotImplementedException();

    /// <summary>Configuration lists it, or it was once seen with endpoints: never passed through.</summary>
    public bool IsDeclared { get; set; }

    /// <summary>Completes with the first answer of any source, also "unknown".</summary>
    public Task FirstAnswer => throw new NotImplementedException();

    /// <summary>When the endpoints in force were last confirmed by their source.</summary>
    public long ConfirmedAt => throw new NotImplementedException();

    /// <summary>Timestamp of the last call, coarse; idle watches are dropped by it.</summary>
    public long LastUsed { get; set; }

    /// <summary>Feeds: a new set of endpoints. Same ids keep their state; removed ones drain.</summary>
    public void ApplyEndpoints(EndpointSnapshot snapshot) => throw new NotImplementedException();

    /// <summary>Feeds: the set in force was confirmed unchanged just now.</summary>
    public void ConfirmEndpoints() => throw new NotImplementedException();

    /// <summary>Feeds: a new effective policy.</summary>
    /// <param name="policy">Already validated.</param>
    /// <param name="revision">For messages and reports.</param>
    public void ApplyPolicy(EffectivePolicy policy, string revision) => throw new NotImplementedException();

    /// <summary>Feeds: switches changed.</summary>
    public void ApplySwitches(SwitchState switches) => throw new NotImplementedException();

    /// <summary>All endpoints now, for snapshots and introspection.</summary>
    public IReadOnlyList<MeshEndpoint> Endpoints => throw new NotImplementedException();
}
