namespace Mesh.Consul.Tests;

/// <summary>Always draws the same number, so that jitter can be computed by hand.</summary>
internal sealed class FixedRandom(double value) : Random
{
    public override double NextDouble() => value;

    protected override double Sample() => value;
}
