using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// Whether the token still reads anything. A token that lost its rights gets empty answers instead of errors, and the
/// only way to tell those from the truth is to read something that must be there: the catalog always lists at least
/// Consul itself, as far as the token may see it.
/// </summary>
internal sealed class TokenCanary(ConsulClient client, string? datacenter)
{
    /// <exception cref="ConsulException">Consul could not answer.</exception>
    public async Task<bool> ReadsAsync(CancellationToken cancellationToken)
    {
        var query = new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = datacenter };
        var answer = await client.GetServicesAsync(query, cancellationToken).ConfigureAwait(false);
        return answer.Value.Count > 0;
    }
}
