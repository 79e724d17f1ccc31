namespace Mesh.Consul;

/// <summary>The share of traffic an instance asks for, by health.</summary>
/// <param name="Passing">While all its checks pass.</param>
/// <param name="Warning">While a check warns.</param>
public sealed record ConsulWeights(int Passing, int Warning)
{
    /// <summary>Consul's own default: 1 and 1.</summary>
    public static ConsulWeights Default { get; } = new(1, 1);
}
