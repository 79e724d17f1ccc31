using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// Whether the token may see what an answer lacks. A token that lost its rights gets empty or shorter answers instead of
/// errors, at an index as good as any other. Consul can be asked what a token may do; where it cannot, its header of
/// filtered answers tells, and else the only way is to read something that must be there: the catalog always lists at
/// least Consul itself, as far as the token may see it.
/// </summary>
internal sealed class TokenCanary(ConsulClient client, string? datacenter)
{
    /// <summary>About every endpoint that an answer lacks.</summary>
    /// <param name="service">The service.</param>
    /// <param name="lacking">Endpoints known of it that the answer does not list.</param>
    /// <param name="answer">The answer, of a consistent read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsulException">Consul could not answer.</exception>
    public async Task<TokenVerdict> JudgeAsync(
        string service,
        IReadOnlyCollection<EndpointInfo> lacking,
        ConsulResponse<ServiceHealth[]> answer,
        CancellationToken cancellationToken)
    {
        if (lacking.Count == 0)
        {
            return TokenVerdict.SeesAll;
        }

        List<ConsulPermission> needed =
            [SeeService(service), .. lacking.Select(e => e.Node).OfType<string>().Distinct().Select(SeeNode)];
        var missing = await client.FindMissingAsync(needed, datacenter, cancellationToken).ConfigureAwait(false);
        if (missing is not null)
        {
            return new TokenVerdict(missing);
        }

        var hidden = answer.FilteredByAcls ||
            (answer.Value.Length == 0 && !await ReadsAsync(cancellationToken).ConfigureAwait(false));
        return hidden ? new TokenVerdict([SeeService(service), SeeNode("")]) : TokenVerdict.SeesAll;
    }

    /// <summary>Which of these permissions the token lacks, as far as this Consul can tell.</summary>
    /// <exception cref="ConsulException">Consul could not answer.</exception>
    public async Task<IReadOnlyList<ConsulPermission>> MissingAsync(
        IReadOnlyList<ConsulPermission> needed, CancellationToken cancellationToken) =>
        await client.FindMissingAsync(needed, datacenter, cancellationToken).ConfigureAwait(false) ??
        (await ReadsAsync(cancellationToken).ConfigureAwait(false) ? [] : [SeeService("")]);

    public static ConsulPermission SeeService(string name) => new("service", "read", name);

    public static ConsulPermission SeeNode(string name) => new("node", "read", name);

    private async Task<bool> ReadsAsync(CancellationToken cancellationToken)
    {
        var query = new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = datacenter };
        var answer = await client.GetServicesAsync(query, cancellationToken).ConfigureAwait(false);
        return answer.Value.Count > 0;
    }
}
