namespace Mesh.Consul;

/// <summary>Consul's own verdict.</summary>
internal sealed class IntentionCheckWire
{
    public bool? Allowed { get; set; }
}
