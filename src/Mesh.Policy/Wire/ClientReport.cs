namespace Mesh.Policy;

/// <summary>The body of <c>PUT /v1/clients/{instance}</c>: what one process runs.</summary>
public sealed record ClientReport
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>The process, unique in the mesh.</summary>
    public required string Instance { get; init; }

    /// <summary>The service it is an instance of.</summary>
    public required string Service { get; init; }

    /// <summary>The machine or Consul node.</summary>
    public string? Node { get; init; }

    /// <summary>The zone.</summary>
    public string? Zone { get; init; }

    /// <summary>The version of the service.</summary>
    public string? Version { get; init; }

    /// <summary>The version of this library.</summary>
    public required string Library { get; init; }

    /// <summary>When the process started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Where its documents come from.</summary>
    public required PolicySource Source { get; init; }

    /// <summary>The state of what it holds: see <see cref="PolicySnapshotWire.Hash"/>.</summary>
    public string? Hash { get; init; }

    /// <summary>The services it calls; <see langword="null"/> from a version that did not say.</summary>
    public IReadOnlyList<string>? Upstreams { get; init; }

    /// <summary>What it understands of documents; <see langword="null"/> from a version that did not say.</summary>
    public ClientVocabulary? Understands { get; init; }

    /// <summary>What it did with each document.</summary>
    public IReadOnlyList<ClientDocumentReport> Documents { get; init => field = value ?? []; } = [];

    /// <summary>The switches in force, one entry for each upstream that has any.</summary>
    public IReadOnlyList<ClientSwitchReport> Switches { get; init => field = value ?? []; } = [];

    /// <summary>Its door; <see langword="null"/> of a process that serves nobody, or of a version that did not say.</summary>
    public InboundReport? Inbound { get; init; }
}
