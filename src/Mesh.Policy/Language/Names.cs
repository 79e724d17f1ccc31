using System.Diagnostics.CodeAnalysis;

namespace Mesh.Policy.Language;

/// <summary>Which names the language allows.</summary>
internal static class Names
{
    /// <summary>Longest name of a service, route, subset or algorithm.</summary>
    public const int MaxLength = 128;

    /// <summary>A service: see <see cref="PolicyKey.IsServiceName"/>.</summary>
    public static bool IsService([NotNullWhen(true)] string? name) =>
        IsLabel(name) && !name.AsSpan().ContainsAnyInRange('A', 'Z');

    /// <summary>
    /// A route or subset: letters, digits, '-', '_' and '.', so that it fits metrics, logs and paths as it is.
    /// </summary>
    public static bool IsLabel([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= MaxLength } &&
        char.IsAsciiLetterOrDigit(name[0]) &&
        name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>A token of RFC 9110: what a method or a header may be called.</summary>
    public static bool IsToken([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= MaxLength } &&
        name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
