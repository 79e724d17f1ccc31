using System.Diagnostics.Metrics;
using Mesh.Client;
using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Documents;
using Mesh.Policy;

namespace Mesh.ConfigServer;

/// <summary>What the desk measures of itself; names and units are in <see cref="MeshTelemetry"/>.</summary>
internal sealed class DeskInstruments
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _writes;

    public DeskInstruments(IMeterFactory meters, ClientRegistry clients, DocumentStore store)
    {
        var meter = meters.Create(MeshTelemetry.DeskMeterName);
        _events = meter.CreateCounter<long>(MeshTelemetry.DeskEvents, "{event}", "Events sent to clients.");
        _writes = meter.CreateCounter<long>(
            MeshTelemetry.DeskWrites, "{write}", "Changes asked for through this desk.");
        meter.CreateObservableGauge(
            MeshTelemetry.DeskClients, () => clients.Count, "{client}", "Processes that report to this desk.");
        meter.CreateObservableGauge(
            MeshTelemetry.DeskDocuments, () => Documents(store.Current), "{document}", "Documents, by state.");
    }

    /// <summary>An event went out.</summary>
    public void Sent(PolicyEventType type) => _events.Add(1, Tag(MeshTelemetry.ResultTag, Word(type)));

    /// <summary>Somebody asked for a change.</summary>
    public void Written(string code) => _writes.Add(1, Tag(MeshTelemetry.ResultTag, code));

    private static IEnumerable<Measurement<int>> Documents(DeskState? state) =>
        (state?.Documents.Values ?? []).CountBy(d => d.State)
            .Select(s => new Measurement<int>(s.Value, Tag(MeshTelemetry.StateTag, Word(s.Key))));

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
