using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>What is in force in this process: for health, reports and whoever asks.</summary>
internal sealed record PolicyStatus
{
    /// <summary>Who was heard last.</summary>
    public required PolicySource Source { get; init; }

    /// <summary>The state of what is in force, as the desk computes it.</summary>
    public required string Hash { get; init; }

    /// <summary>Every document that concerns this process: what became of its newest revision.</summary>
    public required IReadOnlyList<ClientDocumentReport> Documents { get; init; }

    /// <summary>Documents kept in force although their source no longer lists them.</summary>
    public required IReadOnlyList<PolicyKey> Orphaned { get; init; }

    /// <summary>Documents about this process's door that the token may not read: whether they exist is not known.</summary>
    public IReadOnlyList<PolicyKey> Hidden { get; init; } = [];

    /// <summary>The switches in force, for each upstream that has any.</summary>
    public required IReadOnlyList<ClientSwitchReport> Switches { get; init; }

    /// <summary>
    /// Who switched what off in this process, and why: every switch document that acts on an upstream now, and the
    /// environment's <c>MESH_MODE</c>. <see cref="Switches"/> is what they add up to.
    /// </summary>
    public required IReadOnlyList<SwitchInForce> SwitchesInForce { get; init; }

    /// <summary>Time since a live source was last heard; <see langword="null"/> when none ever was.</summary>
    public required TimeSpan? Age { get; init; }

    /// <summary>Documents whose newest revision is not in force.</summary>
    public IEnumerable<ClientDocumentReport> Refused => Documents.Where(d => d.State == ClientDocumentState.Refused);
}
