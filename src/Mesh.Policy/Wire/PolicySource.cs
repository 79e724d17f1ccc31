using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>Where a client has its documents from.</summary>
[JsonConverter(typeof(WireWordConverter<PolicySource, PolicySourceWords>))]
public enum PolicySource
{
    /// <summary>A word of a newer version.</summary>
    Unknown,

    /// <summary><c>defaults</c>: nowhere; the built-in defaults are in force.</summary>
    Defaults,

    /// <summary><c>desk</c>: a desk's stream.</summary>
    Desk,

    /// <summary><c>kv</c>: Consul KV, read by the client itself.</summary>
    Kv,

    /// <summary><c>files</c>: local files.</summary>
    Files,

    /// <summary><c>snapshot</c>: the disk snapshot of an earlier run.</summary>
    Snapshot,
}
