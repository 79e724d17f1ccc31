using System.Net;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// Single documents of Consul KV, read with the leader's word: decides what a listing or a desk leaves open.
/// </summary>
internal sealed class KvReader(ConsulClient client, string mesh, string? datacenter)
{
    private readonly LocalDatacenter _local = new(client, datacenter);

    /// <summary>The prefix of all documents.</summary>
    public string Prefix { get; } = mesh + "/";

    /// <summary>The datacenter of the revisions.</summary>
    public Task<string> DatacenterAsync(CancellationToken cancellationToken) => _local.FindAsync(cancellationToken);

    /// <summary>One document.</summary>
    /// <returns>
    /// The document; <see langword="null"/> when it is certainly not there.
    /// </returns>
    /// <exception cref="ConsulException">
    /// Consul could not answer; <see cref="ConsulException.IsPermissionDenied"/>: the token may not read this key.
    /// </exception>
    public async Task<PolicyText?> ReadAsync(PolicyKey key, CancellationToken cancellationToken)
    {
        var query = new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = datacenter };
        var answer = await client.GetKeyAsync(Prefix + key, query, cancellationToken).ConfigureAwait(false);
        var name = await _local.FindAsync(cancellationToken).ConfigureAwait(false);
        return answer.Value is { } entry ? Text(key, entry, name) : null;
    }

    /// <summary>All documents.</summary>
    /// <exception cref="ConsulException">Consul could not answer.</exception>
    public Task<ConsulResponse<KvEntry[]>> ListAsync(CancellationToken cancellationToken) => client.ListKeysAsync(
        Prefix,
        new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = datacenter },
        cancellationToken);

    /// <summary>The leader's address; empty when there is none or it cannot be told.</summary>
    public async Task<string> LeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetLeaderAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ConsulException error) when (error.StatusCode >= HttpStatusCode.BadRequest)
        {
            return "";
        }
    }

    /// <summary>A KV entry as a document.</summary>
    public static PolicyText Text(PolicyKey key, KvEntry entry, string datacenter) => new(
        key,
        new PolicyRevision(datacenter, entry.ModifyIndex, PolicyRevision.HashOf(entry.Value.Span)),
        entry.Value);
}
