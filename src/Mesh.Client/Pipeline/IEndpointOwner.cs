using Mesh.Client.Outliers;
using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>What an endpoint needs of the upstream it belongs to.</summary>
internal interface IEndpointOwner
{
    MeshClock Clock { get; }

    /// <summary>The outlier rule in force.</summary>
    OutlierPlan Outlier { get; }

    EndpointTransport CreateTransport(MeshEndpoint endpoint);

    /// <summary>The endpoint fails clearly more often than its peers.</summary>
    bool FailsMoreThanPeers(MeshEndpoint endpoint, long now);

    /// <summary>Enough failures came to eject it.</summary>
    void Tripped(MeshEndpoint endpoint, EjectionReason reason);

    /// <summary>The single call that tried it after an ejection told how it is.</summary>
    void Probed(MeshEndpoint endpoint, bool succeeded);

    /// <summary>It became suspect, or no longer is.</summary>
    void SuspicionChanged(MeshEndpoint endpoint);
}
