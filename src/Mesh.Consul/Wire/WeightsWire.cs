namespace Mesh.Consul;

/// <summary>Weights as Consul writes and reads them.</summary>
internal sealed class WeightsWire
{
    public int? Passing { get; set; }

    public int? Warning { get; set; }

    public ConsulWeights ToModel() => Passing is null or 1 && Warning is null or 1
        ? ConsulWeights.Default
        : new ConsulWeights(Passing ?? 1, Warning ?? 1);
}
