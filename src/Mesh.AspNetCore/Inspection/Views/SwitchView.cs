namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One lever that is thrown.</summary>
internal sealed record SwitchView
{
    /// <summary>The key of its document, or <c>MESH_MODE</c>.</summary>
    public required string Source { get; init; }

    /// <summary><c>bypass</c>, and the mechanisms that are off.</summary>
    public required IReadOnlyList<string> What { get; init; }

    public string? By { get; init; }

    public string? Why { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>The upstreams it acts on.</summary>
    public required IReadOnlyList<string> Upstreams { get; init; }
}
