using System.Diagnostics.Metrics;
using Mesh.Client;
using Mesh.Client.Telemetry;

namespace Mesh.AspNetCore.Door;

/// <summary>What the door counts; names and units are in <see cref="MeshTelemetry"/>.</summary>
internal sealed class DoorInstruments(MeshInstruments instruments)
{
    private readonly Counter<long> _refusals = instruments.Meter.CreateCounter<long>(
        MeshTelemetry.DoorRefusals, "{refusal}", "Connections and requests the door refused.");

    private readonly Counter<long> _unidentified = instruments.Meter.CreateCounter<long>(
        MeshTelemetry.DoorUnidentified, "{request}", "Requests of callers that proved no identity.");

    private readonly Counter<long> _mismatches = instruments.Meter.CreateCounter<long>(
        MeshTelemetry.DoorMismatches, "{request}", "Requests that name another caller than their connection proved.");

    /// <summary>Makes open connections visible; once.</summary>
    public void Observe(DoorConnections connections) => instruments.Meter.CreateObservableGauge(
        MeshTelemetry.DoorConnections,
        () => new[]
        {
            new Measurement<int>(connections.CountOf(DoorKind.Plaintext), Transport(DoorKind.Plaintext)),
            new Measurement<int>(connections.CountOf(DoorKind.Tls), Transport(DoorKind.Tls)),
        },
        "{connection}",
        "Open connections, where TLS of the mesh may be spoken.");

    /// <summary>A connection or a request was refused.</summary>
    public void Refused(string reason)
    {
        MeshReasons.Check(reason);
        _refusals.Add(1, new KeyValuePair<string, object?>(MeshTelemetry.ReasonTag, reason));
    }

    /// <summary>A request was let in whose caller proved nothing.</summary>
    public void Unidentified(DoorKind over) => _unidentified.Add(1, Transport(over));

    /// <summary>A request named another caller than its connection proved.</summary>
    public void Mismatch() => _mismatches.Add(1);

    private static KeyValuePair<string, object?> Transport(DoorKind kind) =>
        new(MeshTelemetry.TransportTag, kind == DoorKind.Tls ? "tls" : "plaintext");
}
