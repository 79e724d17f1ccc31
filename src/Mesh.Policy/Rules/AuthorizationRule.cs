namespace Mesh.Policy;

/// <summary>One rule about requests.</summary>
public sealed record AuthorizationRule
{
    /// <summary>Unique in its document; appears in metrics, logs and origins.</summary>
    public required string Name { get; init; }

    /// <summary>What happens to a request it matches.</summary>
    public required AuthorizationAction Action { get; init; }

    /// <summary>A denial is only counted, and the next rules are asked.</summary>
    public bool Shadow { get; init; }

    /// <summary>
    /// Services or SPIFFE IDs, one of which the caller's verified identity must be; a trailing <c>/*</c> of an ID takes all
    /// below it, and <c>*</c> any verified identity. <see langword="null"/> matches every caller, unidentified ones too.
    /// </summary>
    public IReadOnlyList<string>? Callers { get; init; }

    /// <summary>Conditions on method, path and headers, read as in routes; <see langword="null"/> matches every request.</summary>
    public MatchRule? Match { get; init; }

    /// <summary>gRPC methods (<c>/package.Service/Method</c> or <c>/package.Service/*</c>), any of which; <see langword="null"/> matches every request.</summary>
    public IReadOnlyList<string>? GrpcMethods { get; init; }

    /// <summary>
    /// Claims of the end user that the application's own authentication established, all of which must hold, each with any
    /// of its values; <see langword="null"/> asks for none.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Claims { get; init; }
}
