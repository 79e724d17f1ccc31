namespace Mesh.Consul;

/// <summary>A claim as Consul writes it.</summary>
internal sealed class IntentionClaimWire
{
    public string[]? Path { get; set; }

    public string? Value { get; set; }
}
