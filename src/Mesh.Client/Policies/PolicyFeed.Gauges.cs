using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Policies;

/// <content>What metrics tell of policy.</content>
internal sealed partial class PolicyFeed
{
    private void Measure(Meter meter)
    {
        meter.CreateObservableGauge(
            MeshTelemetry.PolicyInfo, Info, "{info}",
            "Always 1; its tags say which policy is in force and who supplied it.");
        meter.CreateObservableGauge(
            MeshTelemetry.PolicyAge, Age, "s", "Time since a source of policy was last heard.");
        meter.CreateObservableGauge(
            MeshTelemetry.Switches, Switches, "{switch}", "1 for each lever that an operator has thrown.");
    }

    private Measurement<long> Info()
    {
        var status = _store.Status;
        return new Measurement<long>(1, new TagList
        {
            { MeshTelemetry.RevisionTag, status.Hash }, { MeshTelemetry.SourceTag, PolicyBook.Word(status.Source) },
        });
    }

    /// <summary>
    /// Bounded: upstreams, mechanisms and four scopes. Who and why are in health, the desk and <c>/mesh</c>.
    /// </summary>
    private IEnumerable<Measurement<long>> Switches() =>
        from thrown in _store.Status.SwitchesInForce
        from upstream in thrown.Upstreams
        from word in thrown.Words
        select new Measurement<long>(1, new TagList
        {
            { MeshTelemetry.ServiceTag, upstream },
            { MeshTelemetry.SwitchTag, word },
            { MeshTelemetry.ScopeTag, thrown.Scope },
        });

    private IEnumerable<Measurement<double>> Age() =>
        _store.Status.Age is { } age ? [new Measurement<double>(age.TotalSeconds)] : [];
}
