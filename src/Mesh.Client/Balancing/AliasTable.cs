namespace Mesh.Client.Balancing;

/// <summary>
/// Draws an index with a probability proportional to its weight in constant time, whatever the weights (Walker's alias
/// method in Vose's linear construction). Immutable.
/// </summary>
internal sealed class AliasTable
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    /// <param name="weights">Positive; in any unit.</param>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        var count = weights.Length;
        _keep = new double[count];
        _alias = new int[count];
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        // One array holds both work lists: columns below the mean grow from its start, those above from its end.
        var work = new int[count];
        int small = 0, large = count;
        for (var i = 0; i < count; i++)
        {
            _keep[i] = weights[i] * count / sum;
            _alias[i] = i;
            if (_keep[i] < 1)
            {
                work[small++] = i;
            }
            else
            {
                work[--large] = i;
            }
        }

        while (small > 0 && large < count)
        {
            var less = work[--small];
            var more = work[large];
            _alias[less] = more;
            _keep[more] -= 1 - _keep[less];
            if (_keep[more] < 1)
            {
                large++;
                work[small++] = more;
            }
        }

        // What is left is 1 but for rounding.
        while (small > 0)
        {
            _keep[work[--small]] = 1;
        }

        while (large < count)
        {
            _keep[work[large++]] = 1;
        }
    }

    /// <summary>The index for a point of [0, 1).</summary>
    public int At(double point)
    {
        var scaled = point * _keep.Length;
        var column = (int)scaled;
        return scaled - column < _keep[column] ? column : _alias[column];
    }
}
