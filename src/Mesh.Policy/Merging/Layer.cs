namespace Mesh.Policy.Merging;

/// <summary>Lays one document's values over what is below it, and notes their origin.</summary>
/// <param name="origin">The document or route.</param>
/// <param name="book">Where origins are noted.</param>
internal readonly struct Layer(string origin, OriginBook book)
{
    /// <summary><paramref name="over"/> when it is set, else <paramref name="below"/>.</summary>
    public T Value<T>(string path, T? over, T below)
        where T : struct
    {
        if (over is not { } value)
        {
            return below;
        }

        book.Set(path, origin);
        return value;
    }

    /// <summary>The same for lists and texts.</summary>
    public T Reference<T>(string path, T? over, T below)
        where T : class
    {
        if (over is null)
        {
            return below;
        }

        book.Set(path, origin);
        return over;
    }

    /// <summary>The same for a value that may be off, which is <see langword="null"/> in a rule.</summary>
    public T? Limit<T>(string path, Setting<T>? over, T? below)
        where T : struct
    {
        if (over is not { } setting)
        {
            return below;
        }

        book.Set(path, origin);
        return setting.IsOff ? null : setting.Value;
    }

    /// <summary>
    /// A first and a longest duration that belong together: when only one of them is set here and they would cross,
    /// the one set here wins and takes the other along.
    /// </summary>
    public (TimeSpan First, TimeSpan Longest) Range(
        string path, TimeSpan? first, TimeSpan? longest, (TimeSpan First, TimeSpan Longest) below) =>
        Range(($"{path}/base", $"{path}/max"), first, longest, below);

    /// <summary>The same for a least and a most.</summary>
    public (int Min, int Max) Range(string path, int? min, int? max, (int Min, int Max) below) =>
        Range(($"{path}/min", $"{path}/max"), min, max, below);

    private (T Low, T High) Range<T>(
        (string Low, string High) paths, T? low, T? high, (T Low, T High) below)
        where T : struct, IComparable<T>
    {
        var range = (Low: Value(paths.Low, low, below.Low), High: Value(paths.High, high, below.High));
        if (range.Low.CompareTo(range.High) <= 0)
        {
            return range;
        }

        if (high is null)
        {
            book.Set(paths.High, origin);
            return (range.Low, range.Low);
        }

        book.Set(paths.Low, origin);
        return (range.High, range.High);
    }
}
