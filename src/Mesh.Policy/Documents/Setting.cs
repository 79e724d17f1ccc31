namespace Mesh.Policy;

/// <summary>A value that a document may also turn off.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly record struct Setting<T>
    where T : notnull
{
    private readonly T? _value;
    private readonly bool _isOn;

    private Setting(T value)
    {
        _value = value;
        _isOn = true;
    }

    /// <summary><c>"off"</c>.</summary>
    public static Setting<T> Off => default;

    /// <summary>True when the document says <c>"off"</c>.</summary>
    public bool IsOff => !_isOn;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The setting is off.</exception>
    public T Value => _isOn ? _value! : throw new InvalidOperationException("The setting is off: it has no value.");

    /// <summary>A setting that is on; for interfaces, which the language does not convert from.</summary>
    public static Setting<T> On(T value) => new(value);

    /// <summary>A setting that is on.</summary>
    public static implicit operator Setting<T>(T value) => new(value);

    /// <summary>The value, or <c>off</c>.</summary>
    public override string ToString() => _isOn ? $"{_value}" : "off";
}
