using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>What the desk thinks of a document.</summary>
[JsonConverter(typeof(WireWordConverter<PolicyDocumentState, PolicyDocumentStateWords>))]
public enum PolicyDocumentState
{
    /// <summary>A word of a newer version.</summary>
    Unknown,

    /// <summary><c>accepted</c>: the newest revision is in force.</summary>
    Accepted,

    /// <summary><c>refused</c>: the newest revision has problems; the last good one, if any, stays in force.</summary>
    Refused,

    /// <summary>
    /// <c>orphaned</c>: the document vanished in a way that is not believed (index regression, leader change, all at
    /// once); the last good revision stays in force.
    /// </summary>
    Orphaned,

    /// <summary>
    /// <c>expired</c>: a switch whose <c>until</c> has passed by the desk's clock. It is without effect, whatever the
    /// clock of a client says.
    /// </summary>
    Expired,
}
