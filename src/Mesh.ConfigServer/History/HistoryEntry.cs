using System.Globalization;
using Mesh.Policy;

namespace Mesh.ConfigServer.History;

/// <summary>A revision that was in force once, as Consul KV keeps it.</summary>
/// <param name="Revision">Which state of the document.</param>
/// <param name="At">When a desk first saw it in force, by that desk's clock.</param>
/// <param name="Body">The document, byte for byte.</param>
/// <param name="Order">Consul's own order of what was recorded: grows with every entry, also after a restore.</param>
internal sealed record HistoryEntry(
    PolicyRevision Revision, DateTimeOffset At, ReadOnlyMemory<byte> Body, ulong Order)
{
    /// <summary>How people and calls name it: <c>42-0123456789abcdef</c>.</summary>
    public string Id => IdOf(Revision);

    public static string IdOf(PolicyRevision revision) =>
        string.Create(CultureInfo.InvariantCulture, $"{revision.ModifyIndex}-{revision.Hash}");

    /// <summary>True for its id, and for its index alone.</summary>
    public bool IsNamed(string id) =>
        id == Id || id == Revision.ModifyIndex.ToString(CultureInfo.InvariantCulture);
}
