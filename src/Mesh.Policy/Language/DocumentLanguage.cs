using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>What stands at the head of every document but a switch.</summary>
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

    private static TextShape Note() => new("a note", 1024);
}
