namespace Mesh.Consul;

/// <summary>A permission asked about, and in the answer whether the token has it.</summary>
internal sealed class AuthorizationWire
{
    public string? Resource { get; set; }

    public string? Access { get; set; }

    public string? Segment { get; set; }

    public bool? Allow { get; set; }
}
