using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// What the desk knows of one key: its newest revision with the verdict on it, and the revision in force.
/// </summary>
internal sealed record DeskDocument
{
    public required PolicyKey Key { get; init; }

    /// <summary>The newest revision seen.</summary>
    public required PolicyRevision Revision { get; init; }

    /// <summary>Everything wrong with the newest revision; empty when it was accepted.</summary>
    public required IReadOnlyList<PolicyProblem> Problems { get; init; }

    /// <summary>What was left out of it.</summary>
    public required IReadOnlyList<PolicyProblem> Ignored { get; init; }

    /// <summary>The revision in force; <see langword="null"/> when there never was a good one.</summary>
    public required GoodDocument? LastGood { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>It vanished from KV in a way that is not believed.</summary>
    public bool IsOrphaned { get; init; }

    /// <summary>
    /// What is in force is a switch that has fallen back by the desk's clock. It never comes back by itself, also when
    /// the clock is set back.
    /// </summary>
    public bool IsExpired { get; init; }

    public PolicyDocumentState State =>
        IsOrphaned ? PolicyDocumentState.Orphaned
        : Problems.Count > 0 ? PolicyDocumentState.Refused
        : IsExpired ? PolicyDocumentState.Expired
        : PolicyDocumentState.Accepted;

    /// <summary>Nothing is wrong with it but that subsets have no endpoint, which may change without it.</summary>
    public bool IsRefusedByCatalog =>
        !IsOrphaned && Problems.Count > 0 && Problems.All(p => p.Code == DangerCodes.EmptySubset);

    public PolicyListEntryWire ToListEntry() => new()
    {
        Key = Key,
        Revision = Revision,
        State = State,
        Problems = Problems,
        Ignored = Ignored,
        LastGood = LastGood?.Revision,
        Meta = LastGood?.Meta,
        Switch = LastGood?.Switches is { } thrown ? SwitchWire.From(thrown, IsExpired) : null,
        SeenAt = SeenAt,
    };

    /// <summary>
    /// What clients get; <see langword="null"/> when nothing is in force. That a switch has ended matters more to them
    /// than what became of the document since.
    /// </summary>
    public PolicyDocumentWire? ToWire() => LastGood is null
        ? null
        : new PolicyDocumentWire
        {
            Key = Key,
            Revision = LastGood.Revision,
            Body = LastGood.Body,
            State = IsExpired ? PolicyDocumentState.Expired : State,
        };

    /// <summary>The document at this time: a switch may have fallen back.</summary>
    public DeskDocument At(DateTimeOffset now) =>
        !IsExpired && LastGood?.Switches?.HasFallenBack(now) == true ? this with { IsExpired = true } : this;
}
