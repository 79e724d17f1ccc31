namespace Mesh.Policy.Merging;

/// <summary>Where each value of a rule comes from, by its path; a route starts with a copy of its service's.</summary>
internal sealed class OriginBook
{
    public const string Default = "default";
    public const string Global = "global";
    public const string Service = "service";

    private readonly OrderedDictionary<string, string> _origins;

    /// <summary>Every path starts as a built-in default, so that none can be forgotten.</summary>
    public OriginBook(IEnumerable<string> paths) =>
        _origins = new(paths.Select(p => KeyValuePair.Create(p, Default)), StringComparer.Ordinal);

    private OriginBook(OriginBook other) => _origins = new(other._origins, StringComparer.Ordinal);

    public static string Route(string name) => $"route:{name}";

    public OriginBook Copy() => new(this);

    public void Set(string path, string origin) => _origins[path] = origin;

    /// <summary>Enters every path below <paramref name="prefix"/> into <paramref name="target"/>.</summary>
    public void CopyTo(IDictionary<string, string> target, string prefix)
    {
        foreach (var (path, origin) in _origins)
        {
            target[prefix + path] = origin;
        }
    }
}
