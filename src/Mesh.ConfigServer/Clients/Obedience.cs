using Mesh.Policy;

namespace Mesh.ConfigServer.Clients;

/// <summary>Who would obey a document: what it uses, compared with what each client says it understands.</summary>
internal static class Obedience
{
    /// <summary>What an author accepts to go on all the same; as a parameter of the call or in the document.</summary>
    public const string AcceptCode = DangerCodes.ClientsCannotObey;

    public static ObedienceWire Of(
        PolicyKey key, ReadOnlyMemory<byte> document, IEnumerable<KnownClient> clients)
    {
        var schema = PolicyVocabulary.SchemaOf(document);
        var used = PolicyVocabulary.UsedBy(document, key);
        var parts = new Dictionary<(Vocabulary, bool, bool), IReadOnlyList<string>>();
        var concerned = clients.Where(c => Concerns(key, c.Report)).ToArray();
        var unable = concerned.Where(c => PartsFor(c).Count > 0).ToArray();
        return new ObedienceWire
        {
            Connected = concerned.Length,
            Unable = unable.Length,
            Silent = concerned.Count(c => c.Understands is null),
            Groups =
            [
                .. unable.GroupBy(c => (c.Report.Service, c.Report.Version, c.Report.Library, c.Understands))
                    .OrderBy(g => g.Key.Service, StringComparer.Ordinal)
                    .ThenBy(g => g.Key.Version, StringComparer.Ordinal)
                    .ThenBy(g => g.Key.Library, StringComparer.Ordinal)
                    .Select(g => new UnableClientsWire
                    {
                        Service = g.Key.Service,
                        Version = g.Key.Version,
                        Library = g.Key.Library,
                        Count = g.Count(),
                        Parts = PartsFor(g.First()),
                    }),
            ],
        };

        IReadOnlyList<string> PartsFor(KnownClient client)
        {
            if (client.Understands is not { } vocabulary)
            {
                return [];
            }

            var (calls, receives) = (Calls(key, client.Report), Receives(key, client.Report));
            if (!parts.TryGetValue((vocabulary, calls, receives), out var found))
            {
                var acts = used.Where(t => IsInbound(key, t) ? receives : calls).ToArray();
                found = vocabulary.PartsNotUnderstood(schema, acts);
                parts.Add((vocabulary, calls, receives), found);
            }

            return found;
        }
    }

    /// <summary>One line for people: <c>web 1.4 (library 0.1.0): 3 clients leave out /routes/0/hedge</c>.</summary>
    public static string Describe(ObedienceWire obedience) => string.Join("; ", obedience.Groups.Select(g =>
        $"{g.Service}{(g.Version is null ? "" : $" {g.Version}")} (library {g.Library}): {g.Count} " +
        $"{(g.Count == 1 ? "client leaves" : "clients leave")} out {string.Join(", ", g.Parts)}"));

    private static bool Concerns(PolicyKey key, ClientReport client) => Calls(key, client) || Receives(key, client);

    /// <summary>It governs calls that the client makes.</summary>
    private static bool Calls(PolicyKey key, ClientReport client) => key switch
    {
        { Scope: PolicyScope.Global } => true,
        { Kind: PolicyDocumentKind.Security } or { Scope: PolicyScope.Caller } => IsOf(key, client),
        _ => client.Upstreams?.Contains(key.Name!, StringComparer.OrdinalIgnoreCase) ?? true,
    };

    /// <summary>It governs the client's own door, and calls that it receives.</summary>
    private static bool Receives(PolicyKey key, ClientReport client) => key switch
    {
        { Kind: PolicyDocumentKind.Switches } => false,
        { Scope: PolicyScope.Global } => true,
        _ => IsOf(key, client),
    };

    private static bool IsOf(PolicyKey key, ClientReport client) =>
        string.Equals(client.Service, key.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A part of a traffic document about the service itself; callers need not understand it.</summary>
    private static bool IsInbound(PolicyKey key, PolicyTerm term) =>
        key.Kind == PolicyDocumentKind.Traffic &&
        (term.Name == "inbound" || term.Name.StartsWith("inbound.", StringComparison.Ordinal));
}
