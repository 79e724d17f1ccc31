using System.Diagnostics.Metrics;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Gauges of what upstreams are like right now; they cost nothing until somebody reads them. Names that nobody declared and
/// that never had endpoints are left out: users may make them up, and each would be a series.
/// </summary>
internal static class UpstreamGauges
{
    public static void Register(Meter meter, Func<IEnumerable<Upstream>> all, MeshClock clock)
    {
        IEnumerable<Upstream> Upstreams() => all().Where(static u => u.IsDeclared);
        meter.CreateObservableGauge(
            MeshTelemetry.Endpoints, () => Upstreams().SelectMany(CountStates), "{endpoint}",
            "Endpoints of an upstream, by what they may be used for.");
        meter.CreateObservableGauge(
            MeshTelemetry.Panic, () => Upstreams().Select(static u => Measure(u, IsPanic(u) ? 1L : 0L)), "{upstream}",
            "1 while so few endpoints are fit that unfit ones are used too.");
        meter.CreateObservableGauge(
            MeshTelemetry.RetryBudgetBalance, () => Upstreams().Select(u => Measure(u, u.Budget.Balance(clock.Now))),
            "{retry}", "Retries the budget would allow right now.");
    }

    private static Measurement<T> Measure<T>(Upstream upstream, T value)
        where T : struct =>
        new(value, new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, upstream.Name));

    private static bool IsPanic(Upstream upstream) =>
        upstream.Runtime is { } runtime && runtime.Groups.Values.Any(static group => group.IsPanic);

    // All states, the empty ones too: a series that ends is not a zero.
    private static IEnumerable<Measurement<long>> CountStates(Upstream upstream)
    {
        var counts = new long[EndpointStateWords.All.Count];
        foreach (var endpoint in upstream.Endpoints)
        {
            counts[(int)endpoint.State]++;
        }

        return EndpointStateWords.All.Select(s => new Measurement<long>(
            counts[(int)s],
            new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, upstream.Name),
            new KeyValuePair<string, object?>(MeshTelemetry.StateTag, s.Word())));
    }
}
