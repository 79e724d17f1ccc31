using Mesh.Client.Balancing;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The groups of an upstream by subset name, all endpoints under the empty string. A group, with its balancer, lives for
/// as long as its definition stays the same. Under the upstream's lock.
/// </summary>
internal sealed class GroupTable(UpstreamServices services)
{
    private string? _algorithm;

    /// <summary>Replaced, never changed.</summary>
    public IReadOnlyDictionary<string, EndpointGroup> Groups { get; private set; } =
        new Dictionary<string, EndpointGroup>();

    /// <summary>Takes over subsets and algorithm. New groups have no members yet.</summary>
    public void Define(IReadOnlyDictionary<string, SubsetRule> subsets, string algorithm)
    {
        var next = new Dictionary<string, EndpointGroup>(subsets.Count + 1, StringComparer.Ordinal);
        next.Add("", KeepOrMake("", rule: null, algorithm));
        foreach (var (name, rule) in subsets)
        {
            next[name] = KeepOrMake(name, rule, algorithm);
        }

        _algorithm = algorithm;
        Groups = next;
    }

    /// <summary>
    /// Finds out who takes the calls of each group: itself while it can, else the next of its <c>onEmpty</c> chain that
    /// can, else itself, so that the call fails by the name it was routed to.
    /// </summary>
    public void ResolveStandIns()
    {
        foreach (var group in Groups.Values)
        {
            group.StandIn(StandIn(group));
        }
    }

    private EndpointGroup StandIn(EndpointGroup group)
    {
        var current = group;

        // Validation refuses cycles; the bound keeps one that slipped through from hanging the process.
        for (var steps = 0; current.Count == 0 && steps < Groups.Count; steps++)
        {
            if (current.Rule?.OnEmpty is not { } name || !Groups.TryGetValue(name, out var next))
            {
                return group;
            }

            current = next;
        }

        return current.Count == 0 ? group : current;
    }

    private EndpointGroup KeepOrMake(string name, SubsetRule? rule, string algorithm)
    {
        if (algorithm == _algorithm && Groups.TryGetValue(name, out var kept) && Same(kept.Rule, rule))
        {
            return kept;
        }

        return new EndpointGroup(rule, services.Balancers.Create(algorithm), services.Clock, services.Random);
    }

    private static bool Same(SubsetRule? left, SubsetRule? right)
    {
        if (left is null || right is null || ReferenceEquals(left, right))
        {
            return ReferenceEquals(left, right);
        }

        return left.Name == right.Name && left.OnEmpty == right.OnEmpty && left.Meta.Count == right.Meta.Count &&
               left.Meta.All(pair =>
                   right.Meta.TryGetValue(pair.Key, out var values) && pair.Value.SequenceEqual(values));
    }
}
