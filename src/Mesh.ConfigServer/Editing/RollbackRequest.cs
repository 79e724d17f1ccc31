using System.Text.Json.Serialization;

namespace Mesh.ConfigServer.Editing;

/// <summary>
/// The body of <c>POST /v1/documents/{key}/rollback</c>. A field that does not exist is refused: a mistyped <c>to</c>
/// would be a rollback to somewhere else.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RollbackRequest
{
    /// <summary>The version of this message; 1.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>
    /// Which revision, by its id or index in the history. Default: the one in force when the newest was refused, else
    /// the one before it.
    /// </summary>
    public string? To { get; init; }

    /// <summary>The <c>ModifyIndex</c> the document has to have still. Default: the one it has now.</summary>
    public ulong? Index { get; init; }

    /// <summary>Who does it.</summary>
    public required string By { get; init; }

    /// <summary>Why. Default: that it is a rollback, and to what.</summary>
    public string? Why { get; init; }

    /// <summary>Where it is tracked.</summary>
    public string? Ticket { get; init; }

    /// <summary>What is accepted besides what the document itself does.</summary>
    public IReadOnlyList<string> Accept { get; init => field = value ?? []; } = [];
}
