using System.Net;

namespace Mesh.Consul;

public sealed partial class ConsulClient
{
    /// <summary>What Consul accepts in one transaction.</summary>
    private const int MaxOperations = 64;

    /// <summary>
    /// All keys below a prefix; empty (and <see cref="ConsulResponse{T}.NotFound"/>) when there are none.
    /// </summary>
    public Task<ConsulResponse<KvEntry[]>> ListKeysAsync(
        string prefix, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.ForKey(prefix).With("recurse"),
            query,
            (body, token) => ReadListAsync(body, Json.KvWire, static wire => wire.ToModel(), token),
            Fingerprint.Of,
            cancellationToken,
            whenNotFound: static () => []);

    /// <summary>The names of all keys below a prefix, without their values; empty when there are none.</summary>
    public Task<ConsulResponse<string[]>> ListKeyNamesAsync(
        string prefix, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.ForKey(prefix).With("keys"),
            query,
            async (body, token) => await ReadOneAsync(body, Json.StringArray, token).ConfigureAwait(false) ?? [],
            static names => Fingerprint.Of(names),
            cancellationToken,
            whenNotFound: static () => []);

    /// <summary>One key, or <see langword="null"/>.</summary>
    public Task<ConsulResponse<KvEntry?>> GetKeyAsync(
        string key, ConsulQuery query, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return ReadAsync(
            ConsulTarget.ForKey(key),
            query,
            async (body, token) =>
            {
                var list = await ReadListAsync(body, Json.KvWire, static wire => wire.ToModel(), token)
                    .ConfigureAwait(false);
                return list.Length > 0 ? list[0] : null;
            },
            static entry => Fingerprint.Of(entry is null ? [] : [entry]),
            cancellationToken,
            whenNotFound: static () => null);
    }

    /// <summary>
    /// Writes a key; with <paramref name="checkAndSet"/> only if it is still at that index (0: only if new).
    /// </summary>
    /// <returns>False when the index did not match.</returns>
    public Task<bool> PutKeyAsync(
        string key, ReadOnlyMemory<byte> value, ulong? checkAndSet, CancellationToken cancellationToken) =>
        PutKeyAsync(key, value, checkAndSet, flags: null, cancellationToken);

    /// <summary>The same, with a number beside the value: see <see cref="KvEntry.Flags"/>.</summary>
    /// <returns>False when the index did not match.</returns>
    public Task<bool> PutKeyAsync(
        string key, ReadOnlyMemory<byte> value, ulong? checkAndSet, ulong? flags, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return CallAsync(
            HttpMethod.Put,
            ConsulTarget.ForKey(key).WithDatacenter(_settings.Datacenter).With("cas", checkAndSet).With("flags", flags),
            new ReadOnlyMemoryContent(value),
            (body, token) => ReadOneAsync(body, Json.Boolean, token),
            cancellationToken);
    }

    /// <summary>Deletes a key, or with <paramref name="recurse"/> all keys below it.</summary>
    /// <returns>False when <paramref name="checkAndSet"/> did not match.</returns>
    /// <exception cref="ArgumentException">Both <paramref name="recurse"/> and an index: Consul compares single
    /// keys.</exception>
    public Task<bool> DeleteKeyAsync(
        string key, bool recurse, ulong? checkAndSet, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (recurse && checkAndSet is not null)
        {
            throw new ArgumentException("Consul compares an index for single keys only.", nameof(checkAndSet));
        }

        var target = ConsulTarget.ForKey(key).WithDatacenter(_settings.Datacenter).With("cas", checkAndSet);
        return CallAsync(
            HttpMethod.Delete,
            recurse ? target.With("recurse") : target,
            content: null,
            (body, token) => ReadOneAsync(body, Json.Boolean, token),
            cancellationToken);
    }

    /// <summary>Up to 64 steps, all or none.</summary>
    /// <returns>Empty on success, else Consul's reasons.</returns>
    public Task<IReadOnlyList<string>> TransactAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentOutOfRangeException.ThrowIfZero(operations.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(operations.Count, MaxOperations);
        var steps = operations.Select(operation => new TxnStepWire { Kv = TxnKvWire.From(operation) }).ToArray();
        return _sender.SendAsync<IReadOnlyList<string>>(
            HttpMethod.Put,
            ConsulTarget.For("v1/txn").WithDatacenter(_settings.Datacenter).ToString(),
            Body(steps, Json.TxnStepWireArray),
            static response => response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict,
            async (response, token) =>
            {
                var answer = await DecodeAsync(
                    response, (body, t) => ReadOneAsync(body, Json.TxnAnswerWire, t), token).ConfigureAwait(false);
                var reasons = Reasons(answer, operations);
                return reasons.Length == 0 && response.StatusCode == HttpStatusCode.Conflict
                    ? ["Consul refused the transaction and gave no reason."]
                    : reasons;
            },
            ConsulSender.CallTimeout,
            cancellationToken);
    }

    private static string[] Reasons(TxnAnswerWire? answer, IReadOnlyList<KvOperation> operations) =>
        WireDefaults.List<TxnErrorWire, string>(answer?.Errors, error =>
            error.OpIndex is { } index && index >= 0 && index < operations.Count
                ? $"{operations[index].Key}: {error.What}"
                : error.What ?? "");
}
