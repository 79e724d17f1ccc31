namespace Shop.Host;

/// <summary>What the command line asks for.</summary>
internal sealed record ShopOptions
{
    /// <summary>How long the load runs; <see langword="null"/> means until Ctrl-C.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>No live table; one JSON line at the end.</summary>
    public bool Json { get; init; }

    /// <summary>Break things under load.</summary>
    public bool Chaos { get; init; }

    /// <summary>The negative control: <c>mesh</c>, <c>mtls</c>, <c>retry</c>, <c>lastgood</c>, <c>eject</c> or <c>drain</c>.</summary>
    public string? Without { get; init; }

    /// <summary>Requests per second at the web edge, sent whether or not earlier ones were answered.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>Seeds what is drawn.</summary>
    public int Seed { get; init; } = 1;
}
