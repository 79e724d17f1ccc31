namespace Mesh.Consul;

/// <summary>Options of one read.</summary>
public sealed record ConsulQuery
{
    /// <summary>No options: answered at once, default consistency, the agent's own datacenter.</summary>
    public static ConsulQuery None { get; } = new();

    /// <summary>Blocks until the index of the data passes this one; 0 answers at once.</summary>
    public ulong Index { get; init; }

    /// <summary>Longest time to block, up to 10 minutes; Consul adds up to a sixteenth of it as jitter.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>How fresh the answer must be.</summary>
    public ConsulConsistency Consistency { get; init; }

    /// <summary>
    /// The datacenter asked; <see langword="null"/> means the client's configured one, else the agent's own.
    /// </summary>
    public string? Datacenter { get; init; }

    /// <summary>
    /// Leaves out of a list what does not match, in Consul's filter language, e.g. <c>ServiceName == "orders"</c>. A
    /// blocking read wakes as without it. Default none.
    /// </summary>
    public string? Filter { get; init; }

    /// <summary>
    /// Longest time until the answer begins; its body may take 30 s more. The default is 10 s, and for a blocking read
    /// the wait, a sixteenth of it, and 10 s.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}
