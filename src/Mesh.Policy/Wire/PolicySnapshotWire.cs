using System.Security.Cryptography;
using System.Text;

namespace Mesh.Policy;

/// <summary>All documents in force, or those one client asked for, at one moment.</summary>
public sealed record PolicySnapshotWire
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>The mesh's name, which is also the prefix of its keys.</summary>
    public required string Mesh { get; init; }

    /// <summary>The Consul datacenter the documents were read in.</summary>
    public required string Datacenter { get; init; }

    /// <summary>
    /// The state of the set: <see cref="HashOf(IEnumerable{PolicyDocumentWire})"/> of <see cref="Documents"/>.
    /// </summary>
    public required string Hash { get; init; }

    /// <summary>The documents, each with a body that is in force.</summary>
    public required IReadOnlyList<PolicyDocumentWire> Documents { get; init; }

    /// <summary>
    /// A hash of keys and contents, independent of their order and of Consul's indexes: two desks that see the same
    /// documents give the same hash.
    /// </summary>
    public static string HashOf(IEnumerable<PolicyDocumentWire> documents) =>
        HashOf(documents.Select(d => KeyValuePair.Create(d.Key, d.Revision.Hash)));

    /// <summary>The same hash from keys and <see cref="PolicyRevision.Hash"/> alone.</summary>
    public static string HashOf(IEnumerable<KeyValuePair<PolicyKey, string>> hashes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in hashes.Select(p => $"{p.Key} {p.Value}\n").Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
