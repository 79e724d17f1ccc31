namespace Mesh.Policy;

/// <summary>How a <see cref="StringMatch"/> compares.</summary>
public enum StringMatchKind
{
    /// <summary>Equal. A header written as a bare string in a document means this.</summary>
    Exact,

    /// <summary>
    /// Starts with. For paths, whole segments: <c>/orders</c> takes <c>/orders</c> and <c>/orders/7</c>, not <c>/orders2</c>.
    /// </summary>
    Prefix,

    /// <summary>Ends with.</summary>
    Suffix,

    /// <summary>Matches a regular expression as a whole, on the non-backtracking engine.</summary>
    Regex,

    /// <summary>The header or parameter is there, whatever its value.</summary>
    Present,

    /// <summary>The header or parameter is not there.</summary>
    Absent,
}
