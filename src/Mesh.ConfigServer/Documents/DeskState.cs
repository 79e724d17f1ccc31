using System.Collections.Immutable;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>Everything the desk knows at one moment; replaced as a whole.</summary>
internal sealed class DeskState
{
    public DeskState(
        string mesh,
        string datacenter,
        ImmutableSortedDictionary<string, DeskDocument> documents,
        ImmutableSortedDictionary<string, PolicyProblem> unknownKeys)
    {
        Mesh = mesh;
        Datacenter = datacenter;
        Documents = documents;
        UnknownKeys = unknownKeys;
        Hash = PolicySnapshotWire.HashOf(
            documents.Values.Where(d => d.LastGood is not null)
                .Select(d => KeyValuePair.Create(d.Key, d.LastGood!.Revision.Hash)));
    }

    public string Mesh { get; }

    public string Datacenter { get; }

    /// <summary>By key in KV, without the mesh's prefix.</summary>
    public ImmutableSortedDictionary<string, DeskDocument> Documents { get; }

    /// <summary>Keys that can be no document, with why.</summary>
    public ImmutableSortedDictionary<string, PolicyProblem> UnknownKeys { get; }

    /// <summary>Of all that is in force.</summary>
    public string Hash { get; }

    public static DeskState Empty(string mesh) => new(
        mesh,
        "",
        ImmutableSortedDictionary.Create<string, DeskDocument>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, PolicyProblem>(StringComparer.Ordinal));

    public GoodDocument? InForce(PolicyKey key) => Documents.GetValueOrDefault(key.ToString())?.LastGood;

    /// <summary>The documents in force that a client asked for, by key.</summary>
    public Dictionary<string, PolicyDocumentWire> Select(PolicySelection selection)
    {
        var selected = new Dictionary<string, PolicyDocumentWire>(StringComparer.Ordinal);
        foreach (var (key, document) in Documents)
        {
            if (selection.Includes(document.Key) && document.ToWire() is { } wire)
            {
                selected.Add(key, wire);
            }
        }

        return selected;
    }

    /// <summary>What is told of one document, with what of it has no effect because the global one locks it.</summary>
    public PolicyListEntryWire ToListEntry(DeskDocument document) => document.ToListEntry(
        document.LastGood?.Security is { } security ? Loosened(document.Key, security) : []);

    /// <summary>Where the security document of a service says less than what is locked now.</summary>
    public IReadOnlyList<PolicyProblem> Loosened(PolicyKey key, SecurityDocument document) =>
        key.Scope == PolicyScope.Service
            ? SecurityLocks.FindLoosened(InForce(PolicyKey.GlobalSecurity)?.Security, document)
            : [];

    public PolicyListWire ToList() => new()
    {
        Mesh = Mesh,
        Datacenter = Datacenter,
        Hash = Hash,
        Documents = [.. Documents.Values.Select(ToListEntry)],
        UnknownKeys = [.. UnknownKeys.Values],
    };
}
