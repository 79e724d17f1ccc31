using System.Runtime.InteropServices;
using Mesh.Client.Balancing;
using Mesh.Client.Outliers;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Sorts the members of a group into what is used first, what is held in reserve and what is never used. One pass;
/// called under the upstream's lock.
/// </summary>
/// <remarks>
/// In order: 1. ready endpoints; 2. when fewer than the panic share of the endpoints is ready, also those ejected for their
/// answers: many failing at once is no fault of single endpoints; 3. with no ready one left, suspects; 4. without
/// these everything but maintenance and what security refuses: in panic too nobody is sent to a port where nobody listens while one ready endpoint
/// is left. Suspects count neither for nor against panic: a deployment that halves a service is no panic.
/// </remarks>
internal sealed class EndpointSetBuilder(BalancePlan plan, MeshClock clock)
{
    private readonly List<MeshEndpoint> _ready = [];
    private readonly List<MeshEndpoint> _suspect = [];
    private readonly List<MeshEndpoint> _ejected = [];
    private readonly List<MeshEndpoint> _dead = [];
    private readonly List<MeshEndpoint> _returning = [];
    private string? _refusal;

    /// <summary>The set of these members; parts that are as before are taken from <paramref name="previous"/>.</summary>
    public EndpointSet Build(ReadOnlySpan<MeshEndpoint> members, EndpointSet previous, long now)
    {
        foreach (var member in members)
        {
            Sort(member);
        }

        var first = _ready;
        IEnumerable<MeshEndpoint> reserve = _suspect;
        var panic = false;
        var unfit = _ejected.Count + _dead.Count;
        if (_ready.Count == 0 && _suspect.Count > 0)
        {
            first = _suspect;
            reserve = plan.PanicBelow > 0 ? _ejected.Concat(_dead) : [];
        }
        else if (_ready.Count < plan.PanicBelow * (_ready.Count + unfit))
        {
            panic = true;
            first = _ready.Count > 0 ? [.. _ready, .. _ejected] : [.. _ejected, .. _dead];
        }

        return new EndpointSet
        {
            Candidates = Candidates(first, previous.Candidates, now),
            Reserve = [.. reserve],
            Returning = [.. _returning],
            IsPanic = panic,
            Refusal = first.Count == 0 ? _refusal : null,
        };
    }

    private void Sort(MeshEndpoint member)
    {
        switch (member.State)
        {
            case EndpointState.Ready:
                _ready.Add(member);
                break;
            case EndpointState.Suspect:
                _suspect.Add(member);
                break;
            case EndpointState.Returning:
                _returning.Add(member);
                SortEjected(member);
                break;
            case EndpointState.Ejected:
                SortEjected(member);
                break;
            case EndpointState.Critical:
                _dead.Add(member);
                break;
            case EndpointState.Insecure:
                _refusal ??= member.Wire.Refusal;
                break;
        }
    }

    private void SortEjected(MeshEndpoint member) =>
        (member.Outlier.Reason == EjectionReason.ConnectFailures ? _dead : _ejected).Add(member);

    private LoadBalancerCandidates Candidates(
        List<MeshEndpoint> endpoints, LoadBalancerCandidates previous, long now)
    {
        var weights = Weights(endpoints, now);
        if (endpoints.Count == previous.Count &&
            CollectionsMarshal.AsSpan(endpoints).SequenceEqual(previous.Endpoints) &&
            weights.AsSpan().SequenceEqual(previous.Weights))
        {
            return previous;
        }

        return new LoadBalancerCandidates([.. endpoints], weights);
    }

    // Relative to a mean of 1; null when all are equal. When nobody has its full share yet, nobody is held back: shares
    // are of the others' calls, and the others are as new.
    private double[]? Weights(List<MeshEndpoint> endpoints, long now)
    {
        var ramp = endpoints.Exists(static e => e.RampSince is null) &&
                   endpoints.Exists(static e => e.RampSince is not null);
        if (!ramp && endpoints.TrueForAll(e => e.Weight == endpoints[0].Weight))
        {
            return null;
        }

        var weights = new double[endpoints.Count];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var share = ramp && endpoints[i].RampSince is { } since ? plan.Share(clock.Seconds(since, now)) : 1;
            weights[i] = Math.Max(1, endpoints[i].Weight) * share;
            sum += weights[i];
        }

        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] *= weights.Length / sum;
        }

        return weights;
    }
}
