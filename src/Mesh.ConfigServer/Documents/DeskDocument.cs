using System.Text;
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

    /// <summary>
    /// The newest text, of a security document of which no revision was ever good. Clients are told that it is there: what
    /// stands at their doors is not what somebody wanted to stand there.
    /// </summary>
    public string? Unread { get; init; }

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

    /// <param name="loosened">What it says less than is locked, and so has no effect.</param>
    public PolicyListEntryWire ToListEntry(IReadOnlyList<PolicyProblem> loosened) => new()
    {
        Key = Key,
        Revision = Revision,
        State = State,
        Problems = Problems,
        Ignored = [.. Ignored, .. loosened],
        LastGood = LastGood?.Revision,
        Meta = LastGood?.Meta,
        Switch = LastGood?.Switches is { } thrown ? SwitchWire.From(thrown, IsExpired) : null,
        SeenAt = SeenAt,
    };

    /// <summary>
    /// What clients get; <see langword="null"/> when nothing is in force and nothing has to be told. That a switch has ended matters more to them
    /// than what became of the document since.
    /// </summary>
    public PolicyDocumentWire? ToWire() => (LastGood, Unread) switch
    {
        ({ } good, _) => new PolicyDocumentWire
        {
            Key = Key,
            Revision = good.Revision,
            Body = good.Body,
            State = IsExpired ? PolicyDocumentState.Expired : State,
        },
        (null, { } text) => new PolicyDocumentWire
        {
            // The hash is of what is sent: a value that is no text is not sent as it is.
            Key = Key,
            Revision = Revision with { Hash = PolicyRevision.HashOf(Encoding.UTF8.GetBytes(text)) },
            Body = text,
            State = State,
        },
        _ => null,
    };

    /// <summary>The text that clients are to be told of, if this is such a document.</summary>
    public static string? UnreadOf(PolicyKey key, GoodDocument? good, ReadOnlyMemory<byte> value) =>
        good is null && key.Kind == PolicyDocumentKind.Security ? Encoding.UTF8.GetString(value.Span) : null;

    /// <summary>The document at this time: a switch may have fallen back.</summary>
    public DeskDocument At(DateTimeOffset now) =>
        !IsExpired && LastGood?.Switches?.HasFallenBack(now) == true ? this with { IsExpired = true } : this;
}
