using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>A revision that was accepted, as text and as read; exactly one of the three documents is there.</summary>
internal sealed record GoodDocument(PolicyRevision Revision, string Body)
{
    public TrafficDocument? Traffic { get; init; }

    public SecurityDocument? Security { get; init; }

    public SwitchDocument? Switches { get; init; }

    /// <summary>The dangers its author accepts in the document itself.</summary>
    public IReadOnlyList<string> Accept => Traffic?.Accept ?? Security?.Accept ?? [];

    public PolicyMeta? Meta => Traffic?.Meta ?? Security?.Meta ??
                               (Switches is { By: var by, Why: var why } && (by ?? why) is not null
                                   ? new PolicyMeta { By = by, Why = why }
                                   : null);
}
