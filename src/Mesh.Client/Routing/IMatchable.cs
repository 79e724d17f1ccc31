namespace Mesh.Client.Routing;

/// <summary>What a condition looks at of a request, coming or going. Implemented by structures: looking costs nothing.</summary>
internal interface IMatchable
{
    string Method { get; }

    /// <summary>The path as conditions write it.</summary>
    ReadOnlySpan<char> Path { get; }

    /// <summary>The query as it is sent, without its question mark.</summary>
    ReadOnlySpan<char> Query { get; }

    /// <summary>One of several values is enough; for "absent", there is none.</summary>
    bool MatchesHeader(string name, TextMatcher matcher);
}
