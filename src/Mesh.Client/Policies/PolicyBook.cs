using Mesh.Client.Telemetry;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// The documents of one process by key: takes revisions, keeps the last good one of each, remembers what was
/// superseded, counts and logs what became of them. Guarded by the store's lock.
/// </summary>
internal sealed class PolicyBook(MeshInstruments instruments, ILogger logger, LogLimiter lines)
{
    private readonly Dictionary<PolicyKey, StoredDocument> _documents = [];
    private readonly SupersededRevisions _superseded = new();

    public IReadOnlyDictionary<PolicyKey, StoredDocument> Documents => _documents;

    /// <summary>The state of what is in force, as the desk computes it.</summary>
    public string Hash => PolicySnapshotWire.HashOf(_documents
        .Where(d => d.Value.Good is not null)
        .Select(d => KeyValuePair.Create(d.Key, d.Value.Good!.Revision.Hash)));

    public IReadOnlyList<PolicyKey> Orphaned => [.. _documents.Where(d => d.Value.Orphaned).Select(d => d.Key)];

    public IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> Switches => _documents
        .Where(d => d.Value is { Switches: not null, Ended: false })
        .Select(d => KeyValuePair.Create(d.Key, d.Value.Switches!));

    /// <summary>A source that speaks for the control plane, not a stand-in for it.</summary>
    public static bool IsLive(PolicySource source) => source is PolicySource.Desk or PolicySource.Kv;

    /// <summary>The word of a source in metrics and logs.</summary>
    public static string Word(PolicySource source) => source switch
    {
        PolicySource.Desk => "desk",
        PolicySource.Kv => "kv",
        PolicySource.Files => "files",
        PolicySource.Snapshot => "snapshot",
        _ => "defaults",
    };

    public StoredDocument? Find(PolicyKey key) => _documents.GetValueOrDefault(key);

    public bool IsSuperseded(PolicyKey key, PolicyRevision revision) => _superseded.Contains(key, revision);

    public IReadOnlyList<ClientDocumentReport> Report() =>
        [.. _documents.Select(d => d.Value.Report(d.Key)).OrderBy(r => r.Key.ToString(), StringComparer.Ordinal)];

    /// <summary>Takes a revision.</summary>
    /// <returns>False when it was known.</returns>
    public bool Take(PolicyText text, PolicySource source)
    {
        var before = _documents.GetValueOrDefault(text.Key);
        if (before is not null && before.Newest == text.Revision && !before.Orphaned)
        {
            _documents[text.Key] = before with { Source = source };
            return false;
        }

        if (before is not null && IsLive(before.Source) && IsLive(source) &&
            before.Newest.Datacenter == text.Revision.Datacenter && text.Revision.ModifyIndex < before.Newest.ModifyIndex)
        {
            PolicyLog.DocumentWentBack(logger, text.Key, before.Newest, text.Revision, Word(source));
        }

        var after = StoredDocument.Read(text, source, before);
        _documents[text.Key] = after;
        _superseded.Revive(text.Key, text.Revision);
        if (before is not null && before.Newest != text.Revision)
        {
            _superseded.Add(text.Key, before.Newest);
        }

        if (after.Problems.Count > 0)
        {
            instruments.PolicyUpdate(Word(source), "refused");
            PolicyLog.Refused(logger, text.Key, text.Revision, string.Join(" ", after.Problems), after.Good?.Revision);
        }
        else if (after.Ignored.Count > 0)
        {
            instruments.PolicyUpdate(Word(source), "ignored-parts");
            PolicyLog.AppliedInPart(logger, text.Key, text.Revision, Word(source), after.Ignored.Count);
        }
        else
        {
            instruments.PolicyUpdate(Word(source), "applied");
            if (lines.MayWrite("applied", out var more))
            {
                PolicyLog.Applied(logger, text.Key, text.Revision, Word(source), more);
            }
        }

        return true;
    }

    /// <summary>Forgets a document.</summary>
    /// <returns>False when there was none.</returns>
    public bool Drop(PolicyKey key, PolicySource source)
    {
        if (!_documents.Remove(key, out var before))
        {
            return false;
        }

        if (IsLive(before.Source))
        {
            _superseded.Add(key, before.Newest);
        }

        instruments.PolicyUpdate(Word(source), "deleted");
        PolicyLog.Deleted(logger, key, Word(source));
        return true;
    }

    /// <summary>Ends switches that the desk says are over; only the revisions that it says so of.</summary>
    /// <returns>False when none was news.</returns>
    public bool End(IEnumerable<PolicyText> switches)
    {
        var any = false;
        foreach (var text in switches)
        {
            if (_documents.TryGetValue(text.Key, out var document) &&
                document is { Switches: not null, Ended: false } && document.Good?.Revision == text.Revision)
            {
                _documents[text.Key] = document with { Ended = true };
                PolicyLog.SwitchEnded(logger, text.Key);
                any = true;
            }
        }

        return any;
    }

    /// <summary>Marks documents that vanished unbelieved.</summary>
    /// <returns>False when none was news.</returns>
    public bool Orphan(IReadOnlyCollection<PolicyKey> keys, PolicySource source, string reason)
    {
        var any = false;
        foreach (var key in keys)
        {
            if (_documents.TryGetValue(key, out var document) && !document.Orphaned)
            {
                _documents[key] = document with { Orphaned = true };
                instruments.PolicyUpdate(Word(source), "orphaned");
                PolicyLog.Orphaned(logger, key, reason);
                any = true;
            }
        }

        return any;
    }

    /// <summary>
    /// Files stand in until a live source is heard; what that one does not list then goes. Not what is about security:
    /// that a source lists nothing is no reason to open a door.
    /// </summary>
    public PolicyKey[] FromFilesExcept(IReadOnlyCollection<PolicyText> changed) =>
    [
        .. _documents.Where(d => d.Value.Source == PolicySource.Files && d.Key.Kind != PolicyDocumentKind.Security)
            .Select(d => d.Key)
            .Except(changed.Select(c => c.Key)),
    ];
}
