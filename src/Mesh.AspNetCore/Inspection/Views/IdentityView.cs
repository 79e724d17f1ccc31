namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>Who this process is, and whom it trusts. Certificates by their fingerprints; never a key.</summary>
internal sealed record IdentityView
{
    /// <summary>Where it comes from: <c>consul</c>, <c>files</c>, <c>development</c>; <see langword="null"/> for one of the application's own.</summary>
    public string? Source { get; init; }

    /// <summary>The SPIFFE ID; <see langword="null"/> while there is none.</summary>
    public string? Id { get; init; }

    public string? TrustDomain { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Until it expires; below zero when it has.</summary>
    public double? LeftSeconds { get; init; }

    /// <summary>SHA-256 of the leaf.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>SHA-256 of the roots of each trust domain.</summary>
    public IReadOnlyDictionary<string, string[]>? Roots { get; init; }

    /// <summary>What went wrong last, when it is not well.</summary>
    public string? Reason { get; init; }

    /// <summary>The same as a sentence.</summary>
    public string? Detail { get; init; }
}
