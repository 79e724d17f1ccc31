using System.Text;
using Mesh.Client.Pipeline;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Policy in the snapshot on disk: what live sources said is recorded, and stands in at the next start until one of
/// them is heard.
/// </summary>
internal sealed class PolicyMemory : IDisposable
{
    /// <summary>Keeps the snapshot from looking old; not for every heartbeat.</summary>
    private static readonly TimeSpan RecordAgainAfter = TimeSpan.FromMinutes(10);

    private readonly PolicyStore _store;
    private readonly SnapshotStore _snapshot;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _recordedAt;

    public PolicyMemory(PolicyStore store, SnapshotStore snapshot, TimeProvider time, ILogger logger)
    {
        (_store, _snapshot, _time, _logger) = (store, snapshot, time, logger);
        _store.Changed += RecordChange;
        _store.Confirmed += RecordConfirmation;
    }

    /// <summary>
    /// What an earlier run knew stands in for documents that no source has spoken about yet. Reads a file the first
    /// time.
    /// </summary>
    public void Recall()
    {
        if (_snapshot.FindDocuments() is not { } remembered)
        {
            return;
        }

        var known = _store.Documents;
        var texts = remembered.Select(Text).OfType<PolicyText>()
            .Where(t => !known.ContainsKey(t.Key))
            .ToArray();
        if (texts.Length > 0 && _store.StandIn(texts) is > 0 and var taken)
        {
            PolicyLog.FromSnapshot(_logger, taken);
        }
    }

    public void Dispose()
    {
        _store.Changed -= RecordChange;
        _store.Confirmed -= RecordConfirmation;
    }

    private static PolicyText? Text(SnapshotText text)
    {
        if (!PolicyKey.TryParse(text.Key, out var key))
        {
            return null;
        }

        var body = Encoding.UTF8.GetBytes(text.Body);
        return new PolicyText(
            key, new PolicyRevision(text.Datacenter, text.ModifyIndex, PolicyRevision.HashOf(body)), body);
    }

    private void RecordChange() => Record(changed: true);

    private void RecordConfirmation()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _recordedAt)) > RecordAgainAfter)
        {
            Record(changed: false);
        }
    }

    private void Record(bool changed)
    {
        if (!PolicyBook.IsLive(_store.Status.Source))
        {
            return;
        }

        // The time of a change is the time of its confirmation.
        Volatile.Write(ref _recordedAt, _time.GetTimestamp());
        var good = _store.Documents.Values.Select(d => d.Good).OfType<PolicyText>();
        var documents = good.Concat(_store.Waiting).DistinctBy(g => g.Key).Select(g => new SnapshotText(
            g.Key.ToString(),
            g.Revision.Datacenter,
            g.Revision.ModifyIndex,
            Encoding.UTF8.GetString(g.Body.Span)));
        _snapshot.RecordDocuments([.. documents], _time.GetUtcNow(), changed);
    }
}
