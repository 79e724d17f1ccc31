namespace Mesh.Consul;

public sealed partial class ConsulClient
{
    /// <summary>
    /// The certificate by which Connect's authority says that whoever holds its key is this service, with the key. The agent
    /// signs it at the first question, keeps it, and makes another in time: a blocking read tells of that one.
    /// </summary>
    /// <param name="service">The service; the token needs <c>service:write</c> on it.</param>
    /// <param name="query">Always asked in the agent's own datacenter, whatever it says.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsulException">
    /// <see cref="ConsulException.IsConnectDisabled"/>, <see cref="ConsulException.IsPermissionDenied"/>,
    /// <see cref="ConsulException.IsRateLimited"/>, or there was no answer.
    /// </exception>
    public Task<ConsulResponse<ConnectLeaf>> GetConnectLeafAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/agent/connect/ca/leaf/", service),
            query,
            async (body, token) => ConnectLeafWire.ToModel(
                await ReadOneAsync(body, Json.ConnectLeafWire, token).ConfigureAwait(false)),
            static leaf => StringComparer.Ordinal.GetHashCode(leaf.CertificatePem),
            cancellationToken,
            ownDatacenter: true);

    /// <summary>The roots of Connect's authority: the one in use, and those before it that are still trusted.</summary>
    /// <param name="query">Always asked in the agent's own datacenter, whatever it says.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsulException">
    /// <see cref="ConsulException.IsConnectDisabled"/>, or there was no answer.
    /// </exception>
    public Task<ConsulResponse<ConnectRoots>> GetConnectRootsAsync(
        ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/agent/connect/ca/roots"),
            query,
            async (body, token) => ConnectRootsWire.ToModel(
                await ReadOneAsync(body, Json.ConnectRootsWire, token).ConfigureAwait(false)),
            Fingerprint.Of,
            cancellationToken,
            ownDatacenter: true);
}
