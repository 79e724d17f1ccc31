namespace Mesh.Consul;

/// <summary>What an intention says about some requests: all conditions that are set must hold.</summary>
public sealed record IntentionPermission
{
    /// <summary>What happens to a request it matches.</summary>
    public IntentionAction Action { get; init; }

    /// <summary>The whole path; <see langword="null"/> asks for none.</summary>
    public string? PathExact { get; init; }

    /// <summary>The path's beginning; <see langword="null"/> asks for none.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>A pattern of the whole path, in the syntax of RE2; <see langword="null"/> asks for none.</summary>
    public string? PathRegex { get; init; }

    /// <summary>Conditions on headers, all of which must hold.</summary>
    public IReadOnlyList<IntentionHeader> Headers { get; init => field = value ?? []; } = [];

    /// <summary>Methods, upper case, any of which; empty is every method.</summary>
    public IReadOnlyList<string> Methods { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Token providers, of one of which the request must bring a token; <see langword="null"/> asks for none.
    /// </summary>
    public IReadOnlyList<IntentionTokenProvider>? TokenProviders { get; init; }

    /// <summary>
    /// It has a condition that this version does not know, so that nobody can say what it matches: as an allowance it is
    /// best taken to match nothing, as a denial everything.
    /// </summary>
    public bool IsUnknown { get; init; }
}
