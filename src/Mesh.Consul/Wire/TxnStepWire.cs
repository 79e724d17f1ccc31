using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>One step of a transaction as Consul reads it.</summary>
internal sealed class TxnStepWire
{
    [JsonPropertyName("KV")]
    public required TxnKvWire Kv { get; init; }
}
