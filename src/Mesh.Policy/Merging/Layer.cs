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
        string path, TimeSpan? first, TimeSpan? longest, (TimeSpan First, TimeSpan Longest) below)
    {
        var range = (
            First: Value($"{path}/base", first, below.First),
            Longest: Value($"{path}/max", longest, below.Longest));
        if (range.First <= range.Longest)
        {
            return range;
        }

        if (longest is null)
        {
            book.Set($"{path}/max", origin);
            return (range.First, range.First);
        }

        book.Set($"{path}/base", origin);
        return (range.Longest, range.Longest);
    }
}
