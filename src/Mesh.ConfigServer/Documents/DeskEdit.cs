using System.Collections.Immutable;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>Changes to a <see cref="DeskState"/> on the way to the next one.</summary>
internal sealed class DeskEdit(DeskState from, string datacenter)
{
    private readonly ImmutableSortedDictionary<string, DeskDocument>.Builder _documents = from.Documents.ToBuilder();
    private readonly ImmutableSortedDictionary<string, PolicyProblem>.Builder _unknown = from.UnknownKeys.ToBuilder();

    public string Datacenter { get; } = datacenter;

    public void Remove(string key)
    {
        _documents.Remove(key);
        _unknown.Remove(key);
    }

    public void Orphan(string key)
    {
        if (_documents.TryGetValue(key, out var document))
        {
            _documents[key] = document with { IsOrphaned = true };
        }

        // What never was a document has nothing that could stay in force.
        _unknown.Remove(key);
    }

    public void Unknown(string key, PolicyProblem problem) => _unknown[key] = problem;

    /// <summary>An orphan that is back as it was keeps the verdict it had.</summary>
    /// <returns>True when that was so, and there is nothing to judge.</returns>
    public bool TakeBack(string key, PolicyRevision revision)
    {
        if (!_documents.TryGetValue(key, out var document) || !document.IsOrphaned || document.Revision != revision)
        {
            return false;
        }

        _documents[key] = document with { IsOrphaned = false };
        return true;
    }

    public void Write(
        string key,
        PolicyKey parsed,
        PolicyRevision revision,
        Verdict verdict,
        ReadOnlyMemory<byte> value,
        DateTimeOffset now)
    {
        var good = verdict.Good ?? _documents.GetValueOrDefault(key)?.LastGood;
        _documents[key] = new DeskDocument
        {
            Key = parsed,
            Revision = revision,
            Problems = verdict.Problems,
            Ignored = verdict.Ignored,
            LastGood = good,
            Unread = DeskDocument.UnreadOf(parsed, good, value),
            IsExpired = verdict.Good is null && _documents.GetValueOrDefault(key)?.IsExpired == true,
            SeenAt = now,
        };
    }

    /// <summary>Nothing of this document is in force.</summary>
    public bool LacksGood(string key) => _documents[key].LastGood is null;

    /// <summary>What was in force before this desk knew the document stays in force.</summary>
    public void Recall(string key, GoodDocument good) => _documents[key] = _documents[key] with
    {
        LastGood = good, Unread = null,
    };

    /// <summary>Ends the switches that have fallen back.</summary>
    /// <returns>Their keys.</returns>
    public IReadOnlyList<string> Expire(DateTimeOffset now)
    {
        var ended = new List<string>();
        foreach (var (key, document) in _documents.ToArray())
        {
            if (document.At(now) is var after && !ReferenceEquals(after, document))
            {
                _documents[key] = after;
                ended.Add(key);
            }
        }

        return ended;
    }

    public DeskState ToState() => new(from.Mesh, Datacenter, _documents.ToImmutable(), _unknown.ToImmutable());
}
