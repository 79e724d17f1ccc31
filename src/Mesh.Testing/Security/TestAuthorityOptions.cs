namespace Mesh.Testing;

/// <summary>What a <see cref="TestAuthority"/> is like.</summary>
public sealed class TestAuthorityOptions
{
    /// <summary>Its distinguished name. Default: one that names the trust domain.</summary>
    public string? Subject { get; set; }

    /// <summary>From when it is valid. Default: an hour ago.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Until when it is valid. Default: for ten years as a root, for one as an intermediate.</summary>
    public DateTimeOffset? NotAfter { get; set; }

    /// <summary>Whether its certificate says that it may sign others. Default: yes.</summary>
    public bool IsAuthority { get; set; } = true;

    /// <summary>OIDs of what its leaves may be used for. Default: <see langword="null"/>, everything.</summary>
    public IReadOnlyList<string>? ExtendedKeyUsages { get; set; }
}
