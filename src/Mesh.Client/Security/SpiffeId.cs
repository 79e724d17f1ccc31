using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client;

/// <summary>
/// A SPIFFE ID: <c>spiffe://&lt;trust domain&gt;/&lt;path&gt;</c>. Always a valid one; compared ordinally, since the standard
/// knows neither upper and lower case nor escapes that mean the same.
/// </summary>
public sealed record SpiffeId
{
    /// <summary>The longest ID, in bytes.</summary>
    public const int MaxLength = 2048;

    /// <summary>The longest trust domain, in bytes.</summary>
    public const int MaxTrustDomainLength = 255;

    private const string Scheme = "spiffe://";

    /// <summary>Makes an ID of its parts.</summary>
    /// <param name="trustDomain">Lower case, without port or user.</param>
    /// <param name="path">Begins with a slash and does not end with one.</param>
    /// <exception cref="ArgumentException">They are no valid ID.</exception>
    public SpiffeId(string trustDomain, string path)
    {
        ArgumentNullException.ThrowIfNull(trustDomain);
        ArgumentNullException.ThrowIfNull(path);
        if (Fault(trustDomain, path) is { } fault)
        {
            throw new ArgumentException($"'{Scheme}{trustDomain}{path}' is no SPIFFE ID: {fault}.");
        }

        (TrustDomain, Path) = (trustDomain, path);
    }

    private SpiffeId((string TrustDomain, string Path) valid) => (TrustDomain, Path) = valid;

    /// <summary>Lower case letters, digits, dots, hyphens and underscores; at most 255 bytes.</summary>
    public string TrustDomain { get; }

    /// <summary>Begins with a slash; never empty, never with a slash at its end.</summary>
    public string Path { get; }

    /// <summary>Reads an ID by the rules of the SPIFFE standard; false when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SpiffeId? id) =>
        TryParse(text, out id, out _);

    /// <summary>The ID as a URI.</summary>
    public override string ToString() => $"{Scheme}{TrustDomain}{Path}";

    /// <summary>Reads an ID, or says in a few words why it is none. The words never repeat what was read.</summary>
    internal static bool TryParse(
        string? text, [NotNullWhen(true)] out SpiffeId? id, [NotNullWhen(false)] out string? fault)
    {
        id = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            fault = $"it does not begin with {Scheme}";
            return false;
        }

        var slash = text.IndexOf('/', Scheme.Length);
        var end = slash < 0 ? text.Length : slash;
        var (trustDomain, path) = (text[Scheme.Length..end], text[end..]);
        fault = Fault(trustDomain, path);
        if (fault is not null)
        {
            return false;
        }

        id = new SpiffeId((trustDomain, path));
        return true;
    }

    /// <summary>Letters, digits, dots, hyphens and underscores: all that a path's segment may hold.</summary>
    internal static bool IsSegment(ReadOnlySpan<char> text) =>
        text is not ("" or "." or "..") && !text.ContainsAnyExcept(Letters.Segment);

    private static string? Fault(string trustDomain, string path)
    {
        // What is too long is refused before anything walks over it. All that is valid is ASCII: a char is a byte.
        if (Scheme.Length + trustDomain.Length + path.Length > MaxLength)
        {
            return $"it is longer than {MaxLength} bytes";
        }

        return TrustDomainFault(trustDomain) ?? PathFault(path);
    }

    private static string? TrustDomainFault(string trustDomain)
    {
        if (trustDomain.Length == 0)
        {
            return "it has no trust domain";
        }

        if (trustDomain.Length > MaxTrustDomainLength)
        {
            return $"its trust domain is longer than {MaxTrustDomainLength} bytes";
        }

        return trustDomain.AsSpan().ContainsAnyExcept(Letters.TrustDomain)
            ? "its trust domain holds more than lower case letters, digits, '.', '-' and '_'"
            : null;
    }

    private static string? PathFault(string path)
    {
        if (path.Length < 2)
        {
            return "it has no path";
        }

        if (path[0] != '/')
        {
            return "its path does not begin with '/'";
        }

        foreach (var segment in path.AsSpan(1).Split('/'))
        {
            if (!IsSegment(path.AsSpan(1)[segment]))
            {
                return "its path has a segment that is empty, '.', '..', or holds more than letters, digits, '.', '-' and '_'";
            }
        }

        return null;
    }

    private static class Letters
    {
        private const string Lower = "abcdefghijklmnopqrstuvwxyz0123456789.-_";

        public static readonly System.Buffers.SearchValues<char> TrustDomain =
            System.Buffers.SearchValues.Create(Lower);

        public static readonly System.Buffers.SearchValues<char> Segment =
            System.Buffers.SearchValues.Create(Lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    }
}
