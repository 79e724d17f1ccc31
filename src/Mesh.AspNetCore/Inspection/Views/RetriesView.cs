namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>What retries may take of the whole process.</summary>
internal sealed record RetriesView
{
    public required int Running { get; init; }

    /// <summary>The most that may run at once.</summary>
    public required int Limit { get; init; }

    /// <summary>Bytes of request bodies kept to be sent again.</summary>
    public required long ReplayBytes { get; init; }

    public required long ReplayBytesLimit { get; init; }
}
