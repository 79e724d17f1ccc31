using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>What a client did with a document.</summary>
[JsonConverter(typeof(WireWordConverter<ClientDocumentState, ClientDocumentStateWords>))]
public enum ClientDocumentState
{
    /// <summary>A word of a newer version.</summary>
    Unknown,

    /// <summary><c>applied</c>: in force as it is.</summary>
    Applied,

    /// <summary><c>ignored-parts</c>: in force without the parts this client does not understand.</summary>
    IgnoredParts,

    /// <summary><c>refused</c>: not in force; the client's last good revision is.</summary>
    Refused,
}
