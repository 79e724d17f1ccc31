using Mesh.ConfigServer.Documents;
using Mesh.Policy;

namespace Mesh.ConfigServer.Streaming;

/// <summary>
/// What one client holds, and so what it needs next. It is compared with the newest state when there is time to send,
/// so a slow client costs no queue: it misses what was in between, and gets where things stand.
/// </summary>
internal sealed class StreamCursor(PolicySelection selection, string? lastEventId)
{
    private Dictionary<string, PolicyDocumentWire>? _held;

    /// <summary>The first event of a connection: a snapshot, or a heartbeat when the client already holds it.</summary>
    public PolicyEvent Begin(DeskState state)
    {
        _held = state.Select(selection);
        var hash = PolicySnapshotWire.HashOf(_held.Values);

        // What the client holds is told by a hash of contents, which does not say that the time of a switch is over.
        return hash == lastEventId && _held.Values.All(d => d.State != PolicyDocumentState.Expired)
            ? Event(PolicyEventType.Heartbeat, state, hash)
            : Event(PolicyEventType.Snapshot, state, hash) with { Documents = InOrder(_held.Values) };
    }

    /// <summary>
    /// What changed since the last event, or <see langword="null"/> when nothing did for this client.
    /// </summary>
    public PolicyEvent? Next(DeskState state)
    {
        var held = _held!;
        var now = state.Select(selection);
        var changed = now.Values.Where(d => held.GetValueOrDefault(d.Key.ToString()) is var before &&
                                            (before?.Revision != d.Revision || before.State != d.State));
        var removed = held.Values.Where(d => !now.ContainsKey(d.Key.ToString())).Select(d => d.Key);
        var message = Event(PolicyEventType.Change, state, PolicySnapshotWire.HashOf(now.Values)) with
        {
            Documents = InOrder(changed),
            Removed = [.. removed],
        };
        _held = now;
        return message.Documents.Count + message.Removed.Count > 0 ? message : null;
    }

    public PolicyEvent Heartbeat(DeskState state) =>
        Event(PolicyEventType.Heartbeat, state, PolicySnapshotWire.HashOf(_held!.Values));

    private static PolicyDocumentWire[] InOrder(IEnumerable<PolicyDocumentWire> documents) =>
        [.. documents.OrderBy(d => d.Key.ToString(), StringComparer.Ordinal)];

    private static PolicyEvent Event(PolicyEventType type, DeskState state, string hash) => new()
    {
        Type = type,
        Mesh = state.Mesh,
        Datacenter = state.Datacenter,
        Hash = hash,
    };
}
