namespace Mesh.Consul;

/// <summary>The Consul HTTP calls Mesh uses. Thread-safe; one per process is enough.</summary>
public sealed class ConsulClient : IDisposable
{
    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <param name="options">Where Consul is; <see langword="null"/> means the environment alone.</param>
    /// <param name="time">The clock; <see langword="null"/> means the system's.</param>
    public ConsulClient(ConsulClientOptions? options = null, TimeProvider? time = null) => throw new NotImplementedException();

    /// <summary>The agent's address, as resolved from options and environment.</summary>
    public Uri Address => throw new NotImplementedException();

    /// <summary>All instances of a service with their checks, whatever their health.</summary>
    public Task<ConsulResponse<ServiceHealth[]>> GetServiceHealthAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All checks in a state (<c>any</c>, <c>passing</c>, <c>warning</c>, <c>critical</c>).</summary>
    public Task<ConsulResponse<ConsulCheck[]>> GetHealthStateAsync(
        string state, ConsulQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The names of all services, each with the tags in use.</summary>
    public Task<ConsulResponse<IReadOnlyDictionary<string, string[]>>> GetServicesAsync(
        ConsulQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All keys below a prefix; empty (and <see cref="ConsulResponse{T}.NotFound"/>) when there are none.</summary>
    public Task<ConsulResponse<KvEntry[]>> ListKeysAsync(
        string prefix, ConsulQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>One key, or <see langword="null"/>.</summary>
    public Task<ConsulResponse<KvEntry?>> GetKeyAsync(
        string key, ConsulQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Writes a key; with <paramref name="checkAndSet"/> only if it is still at that index (0: only if new).</summary>
    /// <returns>False when the index did not match.</returns>
    public Task<bool> PutKeyAsync(
        string key, ReadOnlyMemory<byte> value, ulong? checkAndSet, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Deletes a key, or with <paramref name="recurse"/> all keys below it.</summary>
    /// <returns>False when <paramref name="checkAndSet"/> did not match.</returns>
    public Task<bool> DeleteKeyAsync(
        string key, bool recurse, ulong? checkAndSet, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Up to 64 steps, all or none.</summary>
    /// <returns>Empty on success, else Consul's reasons.</returns>
    public Task<IReadOnlyList<string>> TransactAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Registers or updates an instance on this agent.</summary>
    public Task RegisterServiceAsync(ServiceRegistration registration, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Removes an instance from this agent; harmless when it is not there.</summary>
    public Task DeregisterServiceAsync(string serviceId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The instances registered on this agent, by ID.</summary>
    public Task<IReadOnlyDictionary<string, ConsulService>> GetAgentServicesAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Refreshes a TTL check. Throws with status 404 or 500 and Consul's words when the agent does not know it.</summary>
    public Task UpdateCheckAsync(
        string checkId, ConsulHealth status, string output, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Puts an instance of this agent into maintenance, or takes it out.</summary>
    public Task SetMaintenanceAsync(
        string serviceId, bool enable, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The leader's address, or an empty string.</summary>
    public Task<string> GetLeaderAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
