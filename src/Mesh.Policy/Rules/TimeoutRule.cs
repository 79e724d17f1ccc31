namespace Mesh.Policy;

/// <summary>Deadlines of a call and of its parts. <see langword="null"/> means: no limit of the mesh.</summary>
public sealed record TimeoutRule
{
    /// <summary>From the start of the call to the response headers, all attempts and pauses included.</summary>
    public required TimeSpan? Total { get; init; }

    /// <summary>
    /// One attempt, from its start to its response headers, when another attempt could follow it; the last possible
    /// attempt is bounded by <see cref="Total"/> alone. <see langword="null"/> means a third of <see cref="Total"/>,
    /// at most <see cref="PolicyDefaults.AttemptCap"/>.
    /// </summary>
    public required TimeSpan? Attempt { get; init; }

    /// <summary>TCP connect.</summary>
    public required TimeSpan Connect { get; init; }

    /// <summary>TLS handshake.</summary>
    public required TimeSpan Handshake { get; init; }

    /// <summary>Longest pause between two reads of a response body.</summary>
    public required TimeSpan? Idle { get; init; }
}
