namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>The link to Consul.</summary>
internal sealed record RegistryView
{
    /// <summary>False where Consul is not used.</summary>
    public required bool Used { get; init; }

    /// <summary>How long it has not answered; 0 while it does.</summary>
    public double LostSeconds { get; init; }

    /// <summary>Why it is lost: <c>acl</c> or <c>failed</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Blocking queries that hold a connection to the agent now.</summary>
    public int BlockingQueries { get; init; }

    public int BlockingQueriesAllowed { get; init; }

    /// <summary>One watch stands for those of all services.</summary>
    public bool SharedWatch { get; init; }
}
