using System.Text;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>One document as the desk remembers it on disk.</summary>
internal sealed record SavedDocumentWire
{
    /// <summary>Its key in KV without the mesh's prefix.</summary>
    public required string Key { get; init; }

    public required ulong ModifyIndex { get; init; }

    /// <summary>The newest value, byte for byte.</summary>
    public required byte[] Value { get; init; }

    public required IReadOnlyList<PolicyProblem> Problems { get; init; }

    public PolicyRevision? GoodRevision { get; init; }

    public string? GoodBody { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    public bool IsOrphaned { get; init; }

    public static SavedDocumentWire From(DeskDocument document, ReadOnlyMemory<byte> value, ulong modifyIndex) => new()
    {
        Key = document.Key.ToString(),
        ModifyIndex = modifyIndex,
        Value = value.ToArray(),
        Problems = document.Problems,
        GoodRevision = document.LastGood?.Revision,
        GoodBody = document.LastGood?.Body,
        SeenAt = document.SeenAt,
        IsOrphaned = document.IsOrphaned,
    };

    /// <returns><see langword="null"/> for what this version does not take for a document.</returns>
    public DeskDocument? ToDocument(string datacenter)
    {
        if (!PolicyKey.TryParse(Key, out var key))
        {
            return null;
        }

        var revision = new PolicyRevision(datacenter, ModifyIndex, PolicyRevision.HashOf(Value));
        var verdict = Judge.Read(key, revision, Value);

        // Read anew, because this version may understand more than the one that saved; what only the catalog told then
        // still holds, and so does an acceptance.
        var empty = Problems.Where(p => p.Code == DangerCodes.EmptySubset).ToArray();
        if (verdict.Good is not null && empty.Length > 0)
        {
            verdict = verdict with { Problems = empty, Good = null };
        }

        var good = verdict.Good ?? ReadGood(key);
        return new DeskDocument
        {
            Key = key,
            Revision = revision,
            Problems = verdict.Problems,
            Ignored = verdict.Ignored,
            LastGood = good,
            Unread = DeskDocument.UnreadOf(key, good, Value),
            SeenAt = SeenAt,
            IsOrphaned = IsOrphaned,
        };
    }

    private GoodDocument? ReadGood(PolicyKey key) => GoodRevision is null || GoodBody is null
        ? null
        : Judge.Read(key, GoodRevision, Encoding.UTF8.GetBytes(GoodBody)).Good;
}
