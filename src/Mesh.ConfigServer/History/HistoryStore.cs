using System.Globalization;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.History;

/// <summary>
/// The last revisions in force of each document, one key a revision beside the mesh's own prefix:
/// <c>mesh-history/policy/services/orders/00000000000000000042-0123456789abcdef</c>. The value is the document, byte
/// for byte, so that Consul's own tools can put it back when no desk runs; its flags are the time.
/// </summary>
/// <remarks>
/// In Consul and not in the desk's folder, because replicas share nothing else: each of them has to show the same
/// history, also one that was started a minute ago. Not below the mesh's prefix, because clients without a desk watch
/// that, and would read every history at every change. The name follows from the revision alone and is only ever
/// created, so that replicas that record the same revision do not get into each other's way.
/// </remarks>
internal sealed class HistoryStore(MeshConsul consul, MeshSelf self, IOptions<DeskOptions> options)
{
    /// <summary>Revisions kept of each document.</summary>
    public const int Kept = 20;

    private readonly string? _datacenter = options.Value.Consul.Datacenter;

    /// <summary>What the desk's Consul token has to be allowed to write.</summary>
    public string Prefix { get; } = $"{self.Mesh}-history/";

    /// <summary>The name of a revision below <see cref="Prefix"/>.</summary>
    public static string NameOf(PolicyKey key, PolicyRevision revision) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}/{revision.ModifyIndex:D20}-{revision.Hash}");

    /// <summary>What is kept of a document, the newest first.</summary>
    /// <param name="key">The document.</param>
    /// <param name="datacenter">Where the desk reads.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not read.</exception>
    public async Task<IReadOnlyList<HistoryEntry>> ReadAsync(
        PolicyKey key, string datacenter, CancellationToken cancellationToken)
    {
        var folder = $"{Prefix}{key}/";
        var answer = await consul.Client.ListKeysAsync(folder, Query(), cancellationToken);
        return
        [
            .. answer.Value.Select(e => Entry(e, folder.Length, datacenter)).OfType<HistoryEntry>()
                .OrderByDescending(e => e.Order),
        ];
    }

    /// <summary>The names of everything that is kept, for a desk that starts.</summary>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not read.</exception>
    public async Task<HashSet<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var answer = await consul.Client.ListKeyNamesAsync(Prefix, Query(), cancellationToken);
        return [.. answer.Value.Select(n => n[Prefix.Length..])];
    }

    /// <summary>Keeps a revision, unless another replica has done so, and drops what is too old.</summary>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not write.</exception>
    public async Task RecordAsync(
        PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> body, DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        const ulong onlyIfNew = 0;
        var name = Prefix + NameOf(key, revision);
        var flags = (ulong)at.ToUnixTimeMilliseconds();
        if (!await consul.Client.PutKeyAsync(name, body, onlyIfNew, flags, cancellationToken))
        {
            return;
        }

        var entries = await consul.Client.ListKeysAsync($"{Prefix}{key}/", Query(), cancellationToken);
        foreach (var old in entries.Value.OrderByDescending(e => e.CreateIndex).Skip(Kept))
        {
            await consul.Client.DeleteKeyAsync(old.Key, recurse: false, checkAndSet: null, cancellationToken);
        }
    }

    private ConsulQuery Query() => new() { Consistency = ConsulConsistency.Consistent, Datacenter = _datacenter };

    /// <returns>
    /// <see langword="null"/> for what no desk wrote: other names, and values that are not what their name says.
    /// </returns>
    private static HistoryEntry? Entry(KvEntry entry, int folder, string datacenter)
    {
        var hash = PolicyRevision.HashOf(entry.Value.Span);
        var parts = entry.Key[folder..].Split('-');
        return parts.Length == 2 && parts[1] == hash &&
            ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? new HistoryEntry(
                    new PolicyRevision(datacenter, index, hash),
                    DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Min(entry.Flags, MaxUnixTime)),
                    entry.Value,
                    entry.CreateIndex)
                : null;
    }

    private static readonly ulong MaxUnixTime = (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
