using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The endpoints one balancer chooses from: all of a service, or one subset. Its candidates are an immutable set swapped
/// by reference whenever membership, health or ejections change; picking only reads.
/// </summary>
internal sealed class EndpointGroup
{
    // Draws by the algorithm before a retry takes any endpoint it has not tried.
    private const int Redraws = 3;

    private readonly ILoadBalancer _balancer;
    private readonly MeshClock _clock;
    private readonly Random _random;
    private EndpointSet _set = EndpointSet.Empty;
    private EndpointGroup _effective;
    private MeshEndpoint[] _members = [];

    /// <param name="rule">The subset's rule; <see langword="null"/> for all endpoints.</param>
    /// <param name="balancer">This group's own.</param>
    /// <param name="clock">Reads timestamps.</param>
    /// <param name="random">Thread-safe.</param>
    public EndpointGroup(SubsetRule? rule, ILoadBalancer balancer, MeshClock clock, Random random)
    {
        Rule = rule;
        _balancer = balancer;
        _clock = clock;
        _random = random;
        _effective = this;
    }

    /// <summary>The subset's name, or <see langword="null"/> for all endpoints.</summary>
    public string? Subset => Rule?.Name;

    /// <summary>What chooses here.</summary>
    public ILoadBalancer Balancer => _balancer;

    /// <summary>Endpoints that could be tried by one call, those tried already included.</summary>
    public int Count => Set.Count;

    /// <summary>So few endpoints are fit that unfit ones are used too.</summary>
    public bool IsPanic => Set.IsPanic;

    /// <summary>Who belongs here.</summary>
    public SubsetRule? Rule { get; }

    /// <summary>The group that takes this one's calls: itself, or who stands in for it while it is empty.</summary>
    public EndpointGroup Effective => Volatile.Read(ref _effective);

    /// <summary>What it offers now.</summary>
    public EndpointSet Set => Volatile.Read(ref _set);

    /// <summary>Every endpoint that belongs here, whatever its state. Under the upstream's lock.</summary>
    public ReadOnlySpan<MeshEndpoint> Members => _members;

    /// <summary>Chooses an endpoint; <see langword="null"/> when the group has none that may be used.</summary>
    public MeshEndpoint? Pick(in PickContext context)
    {
        var set = Set;
        return context.Tried.IsEmpty && set.Returning.Length == 0
            ? Choose(set.Candidates, context)
            : PickWithCare(set, context);
    }

    /// <summary>True when an endpoint described so belongs here: every key, with any of the values listed for it.</summary>
    public bool Takes(EndpointInfo info)
    {
        if (Rule is null)
        {
            return true;
        }

        foreach (var (key, values) in Rule.Meta)
        {
            if (!info.Metadata.TryGetValue(key, out var value) || !values.Contains(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Who belongs here from now on. Under the upstream's lock, before <see cref="Refresh"/>.</summary>
    public void Admit(MeshEndpoint[] all) => _members = Rule is null ? all : Array.FindAll(all, e => Takes(e.Info));

    /// <summary>Sorts its members anew. Under the upstream's lock.</summary>
    public void Refresh(BalancePlan plan, long now) =>
        Volatile.Write(ref _set, new EndpointSetBuilder(plan, _clock).Build(_members, Set, now));

    /// <summary>Who takes its calls from now on. Under the upstream's lock.</summary>
    public void StandIn(EndpointGroup effective) => Volatile.Write(ref _effective, effective);

    private static bool IsTried(MeshEndpoint endpoint, in PickContext context)
    {
        foreach (var tried in context.Tried)
        {
            if (ReferenceEquals(tried, endpoint))
            {
                return true;
            }
        }

        return false;
    }

    private MeshEndpoint? Choose(LoadBalancerCandidates candidates, in PickContext context) => candidates.Count switch
    {
        0 => null,
        1 => candidates[0],
        _ => candidates[_balancer.Pick(
            candidates, new LoadBalancerContext(_random, _clock.Centiseconds(context.Now), context.HashKey))],
    };

    // Retries, and calls while an ejected endpoint waits to be tried.
    private MeshEndpoint? PickWithCare(EndpointSet set, in PickContext context)
    {
        if (Probe(set.Returning, context) is { } probe)
        {
            return probe;
        }

        var candidates = set.Candidates;
        if (context.Tried.IsEmpty)
        {
            return Choose(candidates, context);
        }

        MeshEndpoint? choice = null;
        for (var draw = 0; draw < Redraws; draw++)
        {
            choice = Choose(candidates, context);
            if (choice is null || !IsTried(choice, context))
            {
                break;
            }
        }

        if (choice is not null && !IsTried(choice, context))
        {
            return choice;
        }

        // A call has tried a handful of endpoints at most, so the walk is as short.
        return Untried(candidates.Endpoints, context) ?? Untried(set.Reserve, context) ?? choice;
    }

    private MeshEndpoint? Untried(ReadOnlySpan<MeshEndpoint> endpoints, in PickContext context)
    {
        var start = endpoints.Length > 1 ? _random.Next(endpoints.Length) : 0;
        for (var i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(start + i) % endpoints.Length];
            if (!IsTried(endpoint, context))
            {
                return endpoint;
            }
        }

        return null;
    }

    // A few at a time, from anywhere: hundreds may wait at once, and every call passes here.
    private MeshEndpoint? Probe(MeshEndpoint[] returning, in PickContext context)
    {
        var start = returning.Length > 1 ? _random.Next(returning.Length) : 0;
        for (var i = 0; i < Math.Min(returning.Length, 4); i++)
        {
            var endpoint = returning[(start + i) % returning.Length];
            if (!IsTried(endpoint, context) && endpoint.Outlier.TryClaim(context.Now, context.Replaceable, _clock))
            {
                return endpoint;
            }
        }

        return null;
    }
}
