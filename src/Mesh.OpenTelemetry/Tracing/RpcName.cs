using System.Diagnostics.CodeAnalysis;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>A gRPC method: <c>package.Service</c> and <c>Method</c>.</summary>
internal readonly record struct RpcName(string Service, string Method)
{
    /// <summary>Longer than any name a compiler would make of a contract people can read.</summary>
    private const int MaxLength = 200;

    public override string ToString() => $"{Service}/{Method}";

    /// <summary>
    /// Reads <c>/package.Service/Method</c>. Anything that no contract could say is no name: a path with digits in
    /// front, with placeholders or escapes, or with more segments.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? path, out RpcName name)
    {
        name = default;
        if (path is null || path.Length > MaxLength)
        {
            return false;
        }

        var text = path.AsSpan().TrimStart('/');
        var slash = text.IndexOf('/');
        if (slash <= 0 || !IsName(text[..slash], dots: true) || !IsName(text[(slash + 1)..], dots: false))
        {
            return false;
        }

        name = new RpcName(text[..slash].ToString(), text[(slash + 1)..].ToString());
        return true;
    }

    private static bool IsName(ReadOnlySpan<char> text, bool dots)
    {
        if (text.IsEmpty || !(char.IsAsciiLetter(text[0]) || text[0] == '_'))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && !(dots && c == '.'))
            {
                return false;
            }
        }

        return true;
    }
}
