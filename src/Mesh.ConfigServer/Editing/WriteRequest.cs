using Mesh.ConfigServer.Documents;
using Mesh.Policy;

namespace Mesh.ConfigServer.Editing;

/// <summary>A change that somebody asks for.</summary>
internal sealed record WriteRequest(PolicyKey Key, ReadOnlyMemory<byte> Body)
{
    /// <summary>
    /// The <c>ModifyIndex</c> the document must still have, 0 when it must not exist; <see langword="null"/> for the
    /// one it has when the change is judged.
    /// </summary>
    public ulong? Index { get; init; }

    /// <summary>What the author accepts besides what the document itself does.</summary>
    public IReadOnlyCollection<string> Accept { get; init; } = [];

    /// <summary>The author's Consul token.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// The author wants it although it has this danger, which only the desk knows of. An emergency lever is never held up.
    /// </summary>
    public bool Accepts(GoodDocument document, string code) =>
        document.Switches is not null || Accept.Contains(code) || document.Accept.Contains(code);
}
