using System.Collections.Immutable;
using Mesh.Client.Policies;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>What the desk remembers on disk.</summary>
internal sealed record DocumentFileWire
{
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required string Datacenter { get; init; }

    public required ulong Index { get; init; }

    public required DateTimeOffset SavedAt { get; init; }

    public required IReadOnlyList<SavedDocumentWire> Documents { get; init; }

    public static DocumentFileWire From(DeskState state, KvBelief belief, string prefix, DateTimeOffset now) => new()
    {
        Schema = CurrentSchema,
        Datacenter = state.Datacenter,
        Index = belief.Index,
        SavedAt = now,
        Documents =
        [
            .. belief.Entries.Values.Where(e => state.Documents.ContainsKey(e.Key[prefix.Length..])).Select(e =>
                SavedDocumentWire.From(state.Documents[e.Key[prefix.Length..]], e.Value, e.ModifyIndex)),
        ],
    };

    public DeskState ToState(string mesh)
    {
        var documents = ImmutableSortedDictionary.CreateBuilder<string, DeskDocument>(StringComparer.Ordinal);
        foreach (var saved in Documents)
        {
            if (saved.ToDocument(Datacenter) is { } document)
            {
                documents[saved.Key] = document;
            }
        }

        return new DeskState(mesh, Datacenter, documents.ToImmutable(), DeskState.Empty(mesh).UnknownKeys);
    }
}
