using Mesh.Client.Discovery;
using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>Where the config server is: what the configuration says, or what the catalog lists.</summary>
/// <param name="options">Names the replicas.</param>
/// <param name="catalog">Where desks are looked for otherwise; <see langword="null"/> looks nowhere.</param>
/// <param name="trust">By what a desk of the catalog is known; <see langword="null"/> without an identity.</param>
/// <param name="isDevelopment">Anybody in the catalog is believed: nobody has to be told twice.</param>
/// <param name="time">The clock.</param>
internal sealed class DeskFinder(
    MeshOptions options, ConsulClient? catalog, DeskTrust? trust, bool isDevelopment, TimeProvider time)
{
    /// <summary>The service that desks are instances of.</summary>
    public const string DeskService = "mesh-desk";

    /// <summary>The configuration says where; nothing else is looked at.</summary>
    public bool IsNamed => options.ConfigServer is not null;

    /// <summary>A desk may yet be found, so that looking again is worth it.</summary>
    public bool CanFind => !IsNamed && catalog is not null && (isDevelopment || trust is not null);

    /// <summary>Looks.</summary>
    /// <returns>All replicas; none when there is no desk that could be believed.</returns>
    public async Task<IReadOnlyList<DeskReplica>> FindAsync(CancellationToken cancellationToken)
    {
        if (options.ConfigServer is { } configured)
        {
            // Validated at start; whoever made options by hand hears of it here.
            return DeskAddresses.TryParse(configured, out var addresses, out var bad)
                ? [.. addresses.Select(a => new DeskReplica(a, IsNamed: true))]
                : throw new InvalidOperationException($"Mesh:ConfigServer has '{bad}', which is no address.");
        }

        return catalog is null || !(isDevelopment || trust?.CanVerify == true)
            ? []
            : await LookAsync(catalog, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<DeskReplica>> LookAsync(ConsulClient consul, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Discovery.FirstAnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var query = new ConsulQuery
            {
                Consistency = ConsulConsistency.Stale,
                Datacenter = options.Consul.Datacenter,
            };
            var answer = await consul.GetServiceHealthAsync(DeskService, query, either.Token).ConfigureAwait(false);
            return
            [
                .. EndpointMapper.Map(answer.Value, null, out _).Where(e => e.Health == EndpointHealth.Passing)
                    .Select(Replica).OfType<DeskReplica>(),
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

    /// <summary>Over TLS where it can be verified; in plaintext in Development only.</summary>
    private DeskReplica? Replica(EndpointInfo endpoint)
    {
        var isVerified = endpoint.Tls != EndpointTls.None && trust?.CanVerify == true;
        return isVerified || isDevelopment
            ? new DeskReplica(
                new UriBuilder(isVerified ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, endpoint.Host, endpoint.Port).Uri,
                IsNamed: false)
            : null;
    }
}
