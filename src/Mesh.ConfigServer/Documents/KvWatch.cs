using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Consul;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Documents;

/// <summary>Watches the mesh's prefix in Consul KV for as long as the desk runs.</summary>
internal sealed class KvWatch(
    DocumentStore store,
    MeshConsul consul,
    MeshSelf self,
    IOptions<DeskOptions> options,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<KvWatch> logger) : BackgroundService, IBlockingQueryObserver<KvEntry[]>
{
    /// <summary>How often documents that were refused because of the catalog are judged again.</summary>
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(5);

    private readonly string? _datacenter = options.Value.Consul.Datacenter;
    private readonly KvReader _reader = new(consul.Client, self.Mesh, options.Value.Consul.Datacenter);
    private string _leader = "";
    private CancellationToken _stopping;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        store.Restore();
        return base.StartAsync(cancellationToken);
    }

    public async ValueTask OnResultAsync(ConsulResponse<KvEntry[]> response, BlockingQueryTransition transition)
    {
        if (transition == BlockingQueryTransition.Recovered)
        {
            DeskLog.ConsulBack(logger, consul.Client.Address);
        }

        if (response.Value.Length == 0)
        {
            await TellWhetherHiddenAsync();
        }

        // Whatever fails here fails the read: the query asks again, and nothing was changed by half.
        var datacenter = await _reader.DatacenterAsync(_stopping);
        var leader = await _reader.LeaderAsync(_stopping);
        var before = store.NewestIndex;
        (response, var wentBack) = await KvHistory.ConfirmAsync(_reader, response, transition, store.IsOlder, _stopping);
        if (wentBack)
        {
            DeskLog.WentBack(logger, before, response.Index);
            transition = BlockingQueryTransition.IndexRegressed;
        }

        var answer = new KvAnswer(response, transition)
        {
            Datacenter = datacenter.Length > 0 ? datacenter : store.Current?.Datacenter ?? "",
            LeaderChanged = _leader.Length > 0 && leader != _leader,
            Hidden = await HiddenAsync(store.Vanished(response)),
        };
        await store.ApplyAsync(answer, _stopping);
        _leader = leader;
    }

    public void OnFailure(Exception error, int failures)
    {
        if (failures == 1)
        {
            DeskLog.ConsulLost(logger, consul.Client.Address, error.Message);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        var query = new BlockingQuery<KvEntry[]>(
            consul.Client,
            (q, token) => consul.Client.ListKeysAsync(_reader.Prefix, q, token),
            new BlockingQueryOptions { Priority = true, Datacenter = _datacenter },
            time,
            random);
        return Task.WhenAll(query.RunAsync(this, stoppingToken), ReviewAsync(stoppingToken));
    }

    private async Task ReviewAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Review, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await store.ReviewAsync(cancellationToken);
        }
    }

    /// <summary>No document at all is what a new mesh looks like, and what a token sees that may not look.</summary>
    private async Task TellWhetherHiddenAsync()
    {
        ConsulPermission[] needed = [new("key", "list", _reader.Prefix)];
        if (await consul.Client.FindMissingAsync(needed, _datacenter, _stopping) is [var missing])
        {
            DeskLog.KeysHidden(logger, missing.Rule);
        }
    }

    /// <summary>
    /// Those of the keys that the token may not read. A listing leaves them out without a word; asked for by itself,
    /// each is refused.
    /// </summary>
    private async Task<HashSet<string>> HiddenAsync(IEnumerable<string> vanished)
    {
        var hidden = new HashSet<string>(StringComparer.Ordinal);
        var query = new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = _datacenter };
        foreach (var key in vanished)
        {
            try
            {
                await consul.Client.GetKeyAsync(key, query, _stopping);
            }
            catch (ConsulException error) when (error.IsPermissionDenied)
            {
                hidden.Add(key);
            }
        }

        return hidden;
    }
}
