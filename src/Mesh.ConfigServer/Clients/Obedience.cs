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
        var parts = new Dictionary<Vocabulary, IReadOnlyList<string>>();
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

            if (!parts.TryGetValue(vocabulary, out var found))
            {
                parts.Add(vocabulary, found = vocabulary.PartsNotUnderstood(schema, used));
            }

            return found;
        }
    }

    /// <summary>One line for people: <c>web 1.4 (library 0.1.0): 3 clients leave out /routes/0/hedge</c>.</summary>
    public static string Describe(ObedienceWire obedience) => string.Join("; ", obedience.Groups.Select(g =>
        $"{g.Service}{(g.Version is null ? "" : $" {g.Version}")} (library {g.Library}): {g.Count} " +
        $"{(g.Count == 1 ? "client leaves" : "clients leave")} out {string.Join(", ", g.Parts)}"));

    private static bool Concerns(PolicyKey key, ClientReport client) => key.Scope switch
    {
        PolicyScope.Global => true,
        PolicyScope.Caller => string.Equals(client.Service, key.Name, StringComparison.OrdinalIgnoreCase),
        _ => client.Upstreams?.Contains(key.Name!, StringComparer.OrdinalIgnoreCase) ?? true,
    };
}
