namespace Mesh.Consul;

/// <summary>Why one step of a transaction was refused.</summary>
internal sealed class TxnErrorWire
{
    public int? OpIndex { get; set; }

    public string? What { get; set; }
}
