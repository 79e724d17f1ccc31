using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>What documents have in common: the head of every one but a switch, and names within them.</summary>
internal static class DocumentLanguage
{
    /// <summary>The number of the language's version.</summary>
    public static SchemaVersionShape Schema { get; } = new();

    private static readonly ObjectShape<PolicyMeta> Meta = new ObjectShape<PolicyMeta>(() => new PolicyMeta())
        .With("owner", Note(), "The team that answers for the document.", m => m.Owner, (m, v) => m with { Owner = v })
        .With("by", Note(), "Who made the last change.", m => m.By, (m, v) => m with { By = v })
        .With("why", Note(), "Why.", m => m.Why, (m, v) => m with { Why = v })
        .With("ticket", Note(), "Where it is tracked.", m => m.Ticket, (m, v) => m with { Ticket = v });

    private static readonly ListShape<string> Accept =
        new(new WordShape<string>([.. DangerCodes.All.Select(c => (c, c))]), 1, DangerCodes.All.Count);

    /// <summary>The head of a traffic document.</summary>
    public static ObjectShape<TrafficDocument> Head(this ObjectShape<TrafficDocument> shape) => shape.Head(
        (d => d.Schema, (d, v) => d with { Schema = v }),
        (d => d.Meta, (d, v) => d with { Meta = v }),
        (d => d.Accept, (d, v) => d with { Accept = v }));

    /// <summary>The head of a security document.</summary>
    public static ObjectShape<SecurityDocument> Head(this ObjectShape<SecurityDocument> shape) => shape.Head(
        (d => d.Schema, (d, v) => d with { Schema = v }),
        (d => d.Meta, (d, v) => d with { Meta = v }),
        (d => d.Accept, (d, v) => d with { Accept = v }));

    private static ObjectShape<T> Head<T>(
        this ObjectShape<T> shape,
        (Func<T, object?> Get, Func<T, int, T> Set) schema,
        (Func<T, object?> Get, Func<T, PolicyMeta, T> Set) meta,
        (Func<T, object?> Get, Func<T, IReadOnlyList<string>, T> Set) accept)
        where T : class => shape
        .With("$schema", Note(), "Where an editor finds the JSON Schema; no effect.", _ => null, (d, _) => d)
        .With("schema", Schema, "The version of the language.", schema.Get, schema.Set, required: true)
        .With("meta", Meta, "Who and why; no effect on traffic.", meta.Get, meta.Set)
        .With("accept", Accept, "The dangers the author accepts.", accept.Get, accept.Set);

    /// <summary>The name of one of several in a document: of a route, a rate, a rule.</summary>
    /// <param name="shape">What has the name.</param>
    /// <param name="noun">What it is the name of.</param>
    /// <param name="summary">Where it is seen.</param>
    /// <param name="get">Empty while there is none.</param>
    /// <param name="set">Takes it.</param>
    public static ObjectShape<T> Named<T>(
        this ObjectShape<T> shape, string noun, string summary, Func<T, string> get, Func<T, string, T> set)
        where T : class => shape.With(
            "name",
            new TextShape($"a {noun}'s name", Names.MaxLength, TextRule.Label),
            summary,
            value => get(value) is { Length: > 0 } name ? name : null,
            set,
            required: true);

    private static TextShape Note() => new("a note", 1024);
}
