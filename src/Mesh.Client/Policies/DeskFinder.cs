using Mesh.Client.Discovery;
using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>Where the config server is: what the configuration says, or in Development what the catalog lists.</summary>
internal static class DeskFinder
{
    /// <summary>A desk by this name in the catalog is used in Development, where nobody has to be told twice.</summary>
    public const string DeskService = "mesh-desk";

    /// <param name="options">Names the replicas.</param>
    /// <param name="catalog">Where desks are looked for otherwise; <see langword="null"/> looks nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>All replicas; none when there is no desk.</returns>
    public static async Task<IReadOnlyList<Uri>> FindAsync(
        MeshOptions options, ConsulClient? catalog, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.ConfigServer is { } configured)
        {
            // Validated at start; whoever made options by hand hears of it here.
            return DeskAddresses.TryParse(configured, out var addresses, out var bad)
                ? addresses
                : throw new InvalidOperationException($"Mesh:ConfigServer has '{bad}', which is no address.");
        }

        if (catalog is null)
        {
            return [];
        }

        using var patience = new CancellationTokenSource(options.Discovery.FirstAnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var query = new ConsulQuery
            {
                Consistency = ConsulConsistency.Stale,
                Datacenter = options.Consul.Datacenter,
            };
            var answer = await catalog.GetServiceHealthAsync(DeskService, query, either.Token).ConfigureAwait(false);
            return
            [
                .. EndpointMapper.Map(answer.Value, null, out _).Where(e => e.Health == EndpointHealth.Passing)
                    .Select(e => new UriBuilder(Uri.UriSchemeHttp, e.Host, e.Port).Uri),
            ];
        }
        catch (Exception error) when (
            error is ConsulException ||
            (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Consul does not answer: KV is watched, and that says so.
            return [];
        }
    }
}
