using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>
/// What it means that documents are missing from a listing of Consul KV. Deleted is only what one can see being deleted:
/// in the same history, by an answer that moved on, while the rest stays. Everything else leaves orphans. Pure.
/// </summary>
internal readonly record struct KvAbsence
{
    /// <summary>Documents in force or refused, orphans left out.</summary>
    public required int Known { get; init; }

    /// <summary>How many of them the listing lacks.</summary>
    public required int Missing { get; init; }

    /// <summary>What is unusual about the answer.</summary>
    public required BlockingQueryTransition Transition { get; init; }

    /// <summary>Another server leads than at the answer before.</summary>
    public required bool LeaderChanged { get; init; }

    /// <summary>The index of the answer before; 0 when this is the first.</summary>
    public required ulong IndexBefore { get; init; }

    /// <summary>The index of this answer.</summary>
    public required ulong Index { get; init; }

    /// <summary>A live source vouched for the documents in this run; else they come from the snapshot.</summary>
    public required bool Vouched { get; init; }

    /// <summary>
    /// Why the missing documents are orphans; <see langword="null"/> when they may be deleted, which one read of each
    /// key then confirms: it tells "not there" (404) from "not for you" (403).
    /// </summary>
    public string? Doubt =>
        Missing == 0 ? null
        : Transition == BlockingQueryTransition.IndexRegressed ? "regressed"
        : LeaderChanged ? "leader"
        : Transition == BlockingQueryTransition.None && Index <= IndexBefore ? "acl"
        : Missing == Known && Vouched && (Known > 1 || Transition != BlockingQueryTransition.None) ? "all-at-once"
        : null;
}
