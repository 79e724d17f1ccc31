using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>What an event of the desk's stream says.</summary>
[JsonConverter(typeof(WireWordConverter<PolicyEventType, PolicyEventTypeWords>))]
public enum PolicyEventType
{
    /// <summary>A word of a newer version: skip the event.</summary>
    Unknown,

    /// <summary><c>snapshot</c>: everything the client asked for; what is not in it does not exist.</summary>
    Snapshot,

    /// <summary><c>change</c>: only what changed and what was removed since the event before.</summary>
    Change,

    /// <summary><c>heartbeat</c>: the desk is alive and nothing changed.</summary>
    Heartbeat,
}
