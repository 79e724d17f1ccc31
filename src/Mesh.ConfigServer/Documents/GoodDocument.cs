using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>A revision that was accepted, as text and as read; exactly one of the two documents is there.</summary>
internal sealed record GoodDocument(
    PolicyRevision Revision, string Body, TrafficDocument? Traffic, SwitchDocument? Switches)
{
    public PolicyMeta? Meta => Traffic?.Meta ??
                               (Switches is { By: var by, Why: var why } && (by ?? why) is not null
                                   ? new PolicyMeta { By = by, Why = why }
                                   : null);
}
