using Mesh.Client.Discovery;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>Knows which subsets have endpoints, as far as Consul answers.</summary>
internal sealed class SubsetCatalog(MeshConsul consul, TimeProvider time, ILogger<SubsetCatalog> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The splits of a service's document that would send calls nowhere. None when Consul does not say: a document must
    /// not be refused for what nobody knows.
    /// </summary>
    public async Task<IReadOnlyList<PolicyProblem>> FindEmptyAsync(
        PolicyKey key, TrafficDocument document, CancellationToken cancellationToken)
    {
        if (key.Scope != PolicyScope.Service || document.Routes?.Any(r => r.Split is { Count: > 0 }) != true)
        {
            return [];
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var answer = await consul.Client.GetServiceHealthAsync(key.Name!, ConsulQuery.None, both.Token);
            var empty = DangerChecks.SplitTargets(
                document, subset => document.Subsets?.GetValueOrDefault(subset) is { } section &&
                                    answer.Value.Any(i => Selects(section, i.Service.Meta)));
            if (empty.Count == 0 || await HidingAsync(key.Name!, both.Token) is not { } rules)
            {
                return empty;
            }

            DeskLog.CatalogHidden(logger, key, rules);
            return [];
        }
        catch (Exception error) when (
            error is ConsulException ||
            (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            DeskLog.CatalogUnknown(logger, key, error.Message);
            return [];
        }
    }

    /// <summary>
    /// The rules without which endpoints may be there and not shown; <see langword="null"/> when the desk's token has them.
    /// </summary>
    private async Task<string?> HidingAsync(string service, CancellationToken cancellationToken)
    {
        ConsulPermission[] needed = [new("service", "read", service), new("node", "read", "")];
        var missing = await consul.Client.FindMissingAsync(needed, datacenter: null, cancellationToken);
        return missing is { Count: > 0 } ? string.Join(", ", missing.Select(p => p.Rule)) : null;
    }

    private static bool Selects(SubsetSection subset, IReadOnlyDictionary<string, string> metadata) =>
        subset.Meta.All(m => metadata.TryGetValue(m.Key, out var value) && m.Value.Contains(value));
}
