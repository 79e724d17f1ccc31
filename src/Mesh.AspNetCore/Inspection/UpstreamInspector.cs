using System.Text.Json;
using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection;

/// <summary>Describes one upstream.</summary>
internal sealed class UpstreamInspector(InspectionSources sources)
{
    public UpstreamView Describe(Upstream upstream, int offset, int limit)
    {
        var clock = sources.Runtime.Clock;
        var now = clock.Now;
        var all = upstream.Endpoints.Select(e => (Endpoint: e, e.State)).ToArray();
        var states = all.CountBy(e => e.State).ToDictionary();
        var shown = all.OrderBy(e => e.State == EndpointState.Ready).Skip(offset).Take(limit).ToArray();

        // Only what is shown is read under the lock: an upstream of ten thousand must not stand still for a look.
        var (page, inForce) = upstream.Read(inForce => (
            Array.ConvertAll(shown, e => EndpointSight.Of(e.Endpoint, inForce.Balance, clock, now)), inForce));
        sources.Runtime.Find(upstream.Name, out var watched);
        return new UpstreamView
        {
            Name = upstream.Name,
            State = upstream.Runtime is not null ? "known" : upstream.IsUnknown ? "unknown" : "no_answer",
            Declared = upstream.IsDeclared,
            Watched = watched,
            UnusedSeconds = Figures.Seconds(clock.Until(upstream.LastUsed, now)),
            SeenWithTls = upstream.SeenWithTls,
            Discovery = Discovery(upstream),
            States = EndpointStateWords.All.ToDictionary(s => s.Word(), s => states.GetValueOrDefault(s)),
            Panic = upstream.Runtime?.Groups.Values.Any(g => g.IsPanic) == true,
            Endpoints = [.. page.Select(s => EndpointViews.Of(s, inForce.Policy))],
            EndpointsLeftOut = all.Length - page.Length,
            Subsets = Subsets(upstream),
            RetryBudget = Math.Round(upstream.Budget.Balance(now), 1),
            PolicyRevision = inForce.Revision,
            Policy = Effective(inForce.Policy),
        };
    }

    public DiscoveryView Discovery(Upstream upstream)
    {
        if (sources.Feeds.Discovery?.Find(upstream.Name) is { } watch)
        {
            return new DiscoveryView
            {
                Source = upstream.FirstAnswer.IsCompleted && !upstream.IsLive ? "snapshot" : watch.Source,
                Result = watch.Result,
                ResultSeconds = Figures.Seconds(watch.ResultAge),
                AgeSeconds = Figures.Seconds(watch.Age),
                Held = watch.Held,
                Doubt = watch.Doubt,
            };
        }

        var isStatic = StaticDiscoveryFeed.IsStatic(sources.Options, upstream.Name);
        return new DiscoveryView { Source = isStatic ? "static" : null, AgeSeconds = 0 };
    }

    private static SubsetView[] Subsets(Upstream upstream) => upstream.Runtime is not { } runtime
        ? []
        : upstream.Read(_ => runtime.Groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new SubsetView
        {
            Name = g.Key,
            Members = g.Value.Members.Length,
            Candidates = g.Value.Set.Candidates.Count,
            Reserve = g.Value.Set.Reserve.Length,
            Panic = g.Value.IsPanic,
            StandIn = g.Value.Effective is { } other && other != g.Value ? other.Subset ?? "" : null,
        }).ToArray());

    private static JsonElement Effective(EffectivePolicy policy)
    {
        using var document = JsonDocument.Parse(PolicyWriter.Write(policy));
        return document.RootElement.Clone();
    }
}
