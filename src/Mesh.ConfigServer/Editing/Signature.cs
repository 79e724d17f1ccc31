using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Policy;

namespace Mesh.ConfigServer.Editing;

/// <summary>Who makes a change, and why.</summary>
internal sealed record Signature(string By, string Why, string? Ticket)
{
    /// <summary>The document signed anew; comments and layout stay.</summary>
    /// <returns><see langword="null"/> when the text is no JSON object.</returns>
    public byte[]? Sign(PolicyKey key, ReadOnlyMemory<byte> body) => key.Kind == PolicyDocumentKind.Switches
        ? JsonMembers.Set(body.Span, ("by", Text(By)), ("why", Text(Why)))
        : JsonMembers.Set(body.Span, ("meta", Meta(OwnerOf(key, body))));

    private static string? OwnerOf(PolicyKey key, ReadOnlyMemory<byte> body) =>
        (key.Kind == PolicyDocumentKind.Security
            ? PolicyReader.ReadSecurity(body, key).Document?.Meta
            : PolicyReader.ReadTraffic(body, key, ReadOptions.Tolerant).Document?.Meta)?.Owner;

    private string Meta(string? owner)
    {
        var meta = new JsonObject();
        if (owner is not null)
        {
            meta["owner"] = owner;
        }

        meta["by"] = By;
        meta["why"] = Why;
        if (Ticket is not null)
        {
            meta["ticket"] = Ticket;
        }

        return meta.ToJsonString();
    }

    private static string Text(string value) => $"\"{JsonEncodedText.Encode(value)}\"";
}
