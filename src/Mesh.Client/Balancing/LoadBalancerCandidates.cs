namespace Mesh.Client;

/// <summary>
/// The endpoints a load balancer may choose from. Immutable: while membership, health, ejections and weights stay as they
/// are, every pick sees the same instance, so that an algorithm may keep what it derives from a set (a hash ring, say) by
/// reference to it.
/// </summary>
public sealed class LoadBalancerCandidates
{
    private readonly MeshEndpoint[] _endpoints;
    private readonly double[]? _weights;
    private readonly Balancing.AliasTable? _table;

    /// <param name="endpoints">Not copied; never changed afterwards.</param>
    /// <param name="weights">Not copied; <see langword="null"/> when all are equal; else positive, with a mean of 1.</param>
    internal LoadBalancerCandidates(MeshEndpoint[] endpoints, double[]? weights)
    {
        _endpoints = endpoints;
        _weights = weights;
        _table = weights is null ? null : new Balancing.AliasTable(weights);
    }

    internal static LoadBalancerCandidates Empty { get; } = new([], null);

    /// <summary>How many there are; a load balancer is asked only when there are two or more.</summary>
    public int Count => _endpoints.Length;

    /// <summary>True when the weights differ.</summary>
    public bool IsWeighted => _weights is not null;

    /// <summary>The endpoint at <paramref name="index"/>, 0 to <see cref="Count"/> - 1.</summary>
    public MeshEndpoint this[int index] => _endpoints[index];

    internal ReadOnlySpan<MeshEndpoint> Endpoints => _endpoints;

    internal ReadOnlySpan<double> Weights => _weights;

    /// <summary>
    /// The weight of the endpoint at <paramref name="index"/>, slow start included, relative to the mean of all, which
    /// is 1.
    /// </summary>
    public double Weight(int index) => _weights is null ? 1 : _weights[index];

    /// <summary>The index at a point of [0, 1), where each has a share proportional to its weight. O(1).</summary>
    /// <param name="point">At least 0 and less than 1: a random number, or a point of a sequence.</param>
    public int At(double point) => _table is null ? (int)(point * _endpoints.Length) : _table.At(point);
}
