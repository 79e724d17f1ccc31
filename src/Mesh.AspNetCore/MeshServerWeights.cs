namespace Mesh.AspNetCore;

/// <summary>The share of traffic this instance asks for, relative to the other instances of its service.</summary>
public sealed class MeshServerWeights
{
    /// <summary>While all checks pass, 1 to 65535. Default 1.</summary>
    public int Passing { get; set; } = 1;

    /// <summary>While a check warns, 0 to 65535. Default 1.</summary>
    public int Warning { get; set; } = 1;
}
