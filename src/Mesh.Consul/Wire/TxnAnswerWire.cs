namespace Mesh.Consul;

/// <summary>What Consul says about a transaction; only the reasons of a refusal matter here.</summary>
internal sealed class TxnAnswerWire
{
    public TxnErrorWire?[]? Errors { get; set; }
}
