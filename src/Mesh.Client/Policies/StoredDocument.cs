using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>What the process knows of one document: the newest revision, and the one in force. Immutable.</summary>
internal sealed record StoredDocument
{
    /// <summary>The newest revision seen, whether or not it is in force.</summary>
    public required PolicyRevision Newest { get; init; }

    /// <summary>Who handed over the newest revision.</summary>
    public required PolicySource Source { get; init; }

    /// <summary>What is wrong with the newest revision; empty when it is in force.</summary>
    public IReadOnlyList<PolicyProblem> Problems { get; init; } = [];

    /// <summary>The parts of the newest revision that this version does not understand.</summary>
    public IReadOnlyList<PolicyProblem> Ignored { get; init; } = [];

    /// <summary>The last good revision; <see langword="null"/> when there never was one.</summary>
    public PolicyText? Good { get; init; }

    /// <summary><see cref="Good"/>, read, when it is about traffic.</summary>
    public TrafficDocument? Traffic { get; init; }

    /// <summary><see cref="Good"/>, read, when it is about security.</summary>
    public SecurityDocument? Security { get; init; }

    /// <summary><see cref="Good"/>, read, when it is about switches.</summary>
    public SwitchDocument? Switches { get; init; }

    /// <summary>
    /// It vanished in a way that is not believed: the last good revision stays until it is written again.
    /// </summary>
    public bool Orphaned { get; init; }

    /// <summary>A switch that the desk says is over, although this process's clock may say otherwise.</summary>
    public bool Ended { get; init; }

    /// <summary>Reads a new revision. A refused one leaves what was good in force.</summary>
    /// <param name="text">The revision.</param>
    /// <param name="source">Who handed it over.</param>
    /// <param name="before">What was known until now.</param>
    public static StoredDocument Read(PolicyText text, PolicySource source, StoredDocument? before)
    {
        var known = (before ?? new StoredDocument { Newest = text.Revision, Source = source }) with
        {
            Newest = text.Revision,
            Source = source,
            Orphaned = false,
        };
        if (text.Key.Kind == PolicyDocumentKind.Switches)
        {
            var switches = PolicyReader.ReadSwitches(text.Body, text.Key);
            return switches.IsAccepted
                ? known with
                {
                    Problems = [], Ignored = switches.Ignored, Good = text, Switches = switches.Document, Ended = false,
                }
                : known with { Problems = switches.Problems, Ignored = [] };
        }

        if (text.Key.Kind == PolicyDocumentKind.Security)
        {
            var security = PolicyReader.ReadSecurity(text.Body, text.Key);
            return security.IsAccepted
                ? known with { Problems = [], Ignored = [], Good = text, Security = security.Document }
                : known with { Problems = security.Problems, Ignored = [] };
        }

        var traffic = PolicyReader.ReadTraffic(text.Body, text.Key, ReadOptions.Tolerant);
        return traffic.IsAccepted
            ? known with { Problems = [], Ignored = traffic.Ignored, Good = text, Traffic = traffic.Document }
            : known with { Problems = traffic.Problems, Ignored = [] };
    }

    /// <summary>What the desk is told about it.</summary>
    public ClientDocumentReport Report(PolicyKey key) => new()
    {
        Key = key,
        Revision = Newest,
        State = Problems.Count > 0 ? ClientDocumentState.Refused
            : Ignored.Count > 0 ? ClientDocumentState.IgnoredParts
            : ClientDocumentState.Applied,
        Problems = Problems,
        Ignored = Ignored,
        LastGood = Problems.Count > 0 ? Good?.Revision : null,
    };
}
