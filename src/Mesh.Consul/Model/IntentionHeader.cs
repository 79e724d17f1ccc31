namespace Mesh.Consul;

/// <summary>A condition on a header: one of the tests, or its opposite.</summary>
public sealed record IntentionHeader
{
    /// <summary>The header's name; one that begins with a colon is a pseudo header of HTTP/2.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>It is there, whatever it says.</summary>
    public bool Present { get; init; }

    /// <summary>Its whole value; <see langword="null"/> asks for none.</summary>
    public string? Exact { get; init; }

    /// <summary>The value's beginning; <see langword="null"/> asks for none.</summary>
    public string? Prefix { get; init; }

    /// <summary>The value's end; <see langword="null"/> asks for none.</summary>
    public string? Suffix { get; init; }

    /// <summary>A part of the value; <see langword="null"/> asks for none.</summary>
    public string? Contains { get; init; }

    /// <summary>A pattern of the whole value, in the syntax of RE2; <see langword="null"/> asks for none.</summary>
    public string? Regex { get; init; }

    /// <summary>The test does not look at upper and lower case.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>The opposite of the test.</summary>
    public bool Invert { get; init; }
}
