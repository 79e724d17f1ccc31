using Mesh.Client.Outliers;

namespace Mesh.Client.Pipeline;

/// <summary>Decides whether an endpoint that failed enough is taken out. Under the upstream's lock.</summary>
internal sealed class EjectionBoard(MeshClock clock, Random random)
{
    // Each ejection lasts 80 to 120 % of its length: what went out together does not come back together.
    private const double Jitter = 0.2;

    /// <summary>Everyone is back in: the rule is off.</summary>
    /// <returns>What happened.</returns>
    public static IEnumerable<UpstreamNotice> ReadmitAll(MeshEndpoint[] all, long now)
    {
        foreach (var endpoint in all)
        {
            if (endpoint.Outlier.Phase != EjectionPhase.None)
            {
                endpoint.Outlier.Readmit(now);
                yield return new UpstreamNotice(UpstreamEvent.Readmitted) { Endpoint = endpoint };
            }
        }
    }

    /// <summary>
    /// 1. Nothing while the rule is off, and for an endpoint that has left or is out already. 2. One that failed its probe
    /// goes out again: it never came in. 3. Else it goes only while fewer are out than may be.
    /// </summary>
    /// <returns>What happened; <see langword="null"/> when nothing did.</returns>
    public UpstreamNotice? TryEject(
        MeshEndpoint endpoint, EjectionReason reason, MeshEndpoint[] all, OutlierPlan plan, long now)
    {
        var probing = endpoint.Outlier.Phase == EjectionPhase.Probing;
        var isProbe = reason == EjectionReason.ProbeFailed;
        if (!plan.Enabled || !Array.Exists(all, e => ReferenceEquals(e, endpoint)) ||
            (endpoint.Outlier.Phase != EjectionPhase.None && !(probing && isProbe)))
        {
            return null;
        }

        var total = 0;
        var gone = 0;
        foreach (var other in all)
        {
            var state = other.State;
            total += state is EndpointState.Maintenance or EndpointState.Insecure ? 0 : 1;
            gone += state is EndpointState.Ejected or EndpointState.Returning ? 1 : 0;
        }

        if (!isProbe && gone >= plan.MostEjected(total))
        {
            endpoint.Outlier.SparedUntil = clock.Add(now, OutlierState.SparedFor);
            return new UpstreamNotice(UpstreamEvent.EjectionWithheld)
            {
                Endpoint = endpoint, Reason = reason, Count = gone, Total = total,
            };
        }

        var jitter = 1 - Jitter + (2 * Jitter * random.NextDouble());
        return new UpstreamNotice(UpstreamEvent.Ejected)
        {
            Endpoint = endpoint,
            Reason = reason,
            Length = endpoint.Outlier.Eject(reason, plan, jitter, now, clock),
            Count = isProbe ? gone : gone + 1,
            Total = total,
        };
    }
}
