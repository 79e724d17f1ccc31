namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>The deadlines of the call; each <see langword="null"/> means no limit.</summary>
internal sealed record TimeoutStory
{
    public double? TotalMs { get; init; }

    /// <summary>The deadline is the application's own.</summary>
    public required bool TotalIsCallers { get; init; }

    /// <summary>For an attempt that another could follow.</summary>
    public double? AttemptMs { get; init; }

    public double? ConnectMs { get; init; }

    public double? HandshakeMs { get; init; }

    /// <summary>Between two reads of the response body.</summary>
    public double? IdleMs { get; init; }
}
