using System.Collections.Concurrent;
using Mesh.AspNetCore;
using Mesh.AspNetCore.Authorization;
using Mesh.Client;
using Mesh.Consul;
using Microsoft.AspNetCore.Http;

namespace Mesh.Scenarios.Tests.Authorization;

/// <summary>
/// Many services, and for every pair of them what Consul says and what this code would say of the same intentions, as
/// the process of the destination reads them.
/// </summary>
internal sealed class IntentionGrid(ConsulClient consul, IReadOnlyList<string> services)
{
    private const string TrustDomain = "11111111-2222-3333-4444-555555555555.consul";

    private readonly ConcurrentDictionary<string, (Intention[] Intentions, bool? Default)> _read = new();

    /// <summary>Consul's verdicts.</summary>
    public async Task<Dictionary<(string Source, string Destination), bool>> AskConsulAsync()
    {
        var verdicts = new ConcurrentDictionary<(string, string), bool>();
        var pairs = services.SelectMany(s => services, (source, destination) => (source, destination));
        await Parallel.ForEachAsync(
            pairs,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (pair, token) => verdicts[pair] =
                await consul.CheckIntentionAsync(pair.source, pair.destination, token));
        return verdicts.ToDictionary();
    }

    /// <summary>What every destination's own process reads.</summary>
    public async Task ReadAsync()
    {
        foreach (var destination in services)
        {
            var answer = await consul.GetIntentionsToAsync(destination, ConsulQuery.None, CancellationToken.None);
            var known = await new DefaultVerdict(consul, destination, new Random(7))
                .AskAsync(answer.Value, CancellationToken.None);
            _read[destination] = (answer.Value, known);
        }
    }

    /// <summary>The pairs about which this code and Consul disagree.</summary>
    public IReadOnlyList<(string Source, string Destination)> Mismatches(
        Dictionary<(string Source, string Destination), bool> verdicts, IntentionPrecedence precedence)
    {
        var plans = services.ToDictionary(
            s => s,
            s => new IntentionPlan(
                _read[s].Intentions, _read[s].Default, TrustDomain, new Dictionary<string, string>(), precedence));
        return
        [
            .. verdicts.Where(v => Allows(plans[v.Key.Destination], v.Key.Source) != v.Value).Select(v => v.Key),
        ];
    }

    private static bool Allows(IntentionPlan plan, string source)
    {
        var caller = CallerId.Of(new Peer(new SpiffeId(TrustDomain, $"/ns/default/dc/dc1/svc/{source}"), source));
        return plan.Decide(caller, new DefaultHttpContext().Request, EndUser.Nobody).Kind == VerdictKind.Allow;
    }

    private sealed record Peer(SpiffeId Id, string? Service) : IMeshPeerFeature;
}
