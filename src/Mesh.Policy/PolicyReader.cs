using System.Globalization;
using System.Text;
using Mesh.Policy.Language;
using Mesh.Policy.Validation;

namespace Mesh.Policy;

/// <summary>Reads documents and finds everything that is wrong with them. Never throws on content.</summary>
public static class PolicyReader
{
    /// <summary>Reads a traffic document.</summary>
    /// <param name="utf8">The document's text: JSON with comments and trailing commas.</param>
    /// <param name="key">Where it stands; routes and subsets belong to services only.</param>
    /// <param name="options">Strict for authors, tolerant for fleets.</param>
    /// <exception cref="ArgumentException">The key is not one of traffic.</exception>
    public static PolicyReadResult<TrafficDocument> ReadTraffic(
        ReadOnlyMemory<byte> utf8, PolicyKey key, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Kind != PolicyDocumentKind.Traffic)
        {
            throw new ArgumentException($"{key} is no traffic document; read it with Read{key.Kind}.", nameof(key));
        }

        var context = new ReadContext(options);
        var root = NodeParser.Parse(utf8.Span, context);
        if (root is null || !HasReadableSchema(root, context))
        {
            return context.ToResult<TrafficDocument>(null);
        }

        TrafficLanguage.Of(key).Read(root, "", context, out var document);
        context.IsOfLaterSchema = false;
        return context.ToResult(Check(document, root, context));
    }

    /// <summary>
    /// Reads a security document: strictly, whoever asks. What is not understood of it might be what closes the door, so
    /// a client leaves nothing out: the document as a whole is refused, also one of a later schema.
    /// </summary>
    /// <param name="utf8">The document's text: JSON with comments and trailing commas.</param>
    /// <param name="key">Where it stands; <c>locked</c> belongs to the global document only.</param>
    /// <exception cref="ArgumentException">The key is not one of security.</exception>
    public static PolicyReadResult<SecurityDocument> ReadSecurity(ReadOnlyMemory<byte> utf8, PolicyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Kind != PolicyDocumentKind.Security)
        {
            throw new ArgumentException($"{key} is no security document; read it with Read{key.Kind}.", nameof(key));
        }

        var context = new ReadContext(ReadOptions.Strict);
        var root = NodeParser.Parse(utf8.Span, context);
        if (root is null || !HasReadableSchema(root, context))
        {
            return context.ToResult<SecurityDocument>(null);
        }

        SecurityLanguage.Of(key).Read(root, "", context, out var document);
        SecurityChecks.Check(document, context);
        DangerChecks.Check(document, key, context);
        return context.ToResult(document);
    }

    /// <summary>
    /// Reads a switch document that has been written: in an emergency whatever is understood acts, and the rest is
    /// reported in <see cref="PolicyReadResult{T}.Ignored"/>. Only a text that is no JSON object is refused.
    /// </summary>
    /// <exception cref="ArgumentException">The key is not one of switches.</exception>
    public static PolicyReadResult<SwitchDocument> ReadSwitches(ReadOnlyMemory<byte> utf8, PolicyKey key) =>
        ReadSwitches(utf8, key, ReadOptions.Tolerant);

    /// <summary>
    /// Reads a switch document. <see cref="ReadOptions.Strict"/>, for an author who can still be asked, also refuses an
    /// <c>until</c> that is no time or names no offset; unknown entries are ignored in any case.
    /// </summary>
    /// <exception cref="ArgumentException">The key is not one of switches.</exception>
    public static PolicyReadResult<SwitchDocument> ReadSwitches(
        ReadOnlyMemory<byte> utf8, PolicyKey key, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Kind != PolicyDocumentKind.Switches)
        {
            throw new ArgumentException($"{key} is no switch document; read it with Read{key.Kind}.", nameof(key));
        }

        var context = new ReadContext(options);
        var root = NodeParser.Parse(utf8.Span, context);
        return context.ToResult(root is null ? null : SwitchLanguage.Read(root, context));
    }

    /// <summary>
    /// Answers whether a document of any kind would be accepted: what the desk does before anything else.
    /// </summary>
    public static ValidateResponse Validate(ValidateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = Encoding.UTF8.GetBytes(request.Body);
        var (problems, ignored) = Read(body, request.Key);
        return new ValidateResponse
        {
            Key = request.Key,
            Accepted = problems.Count == 0,
            Hash = PolicyRevision.HashOf(body),
            Problems = problems,
            Ignored = ignored,
        };
    }

    private static (IReadOnlyList<PolicyProblem> Problems, IReadOnlyList<PolicyProblem> Ignored) Read(
        ReadOnlyMemory<byte> body, PolicyKey key)
    {
        if (key.Kind == PolicyDocumentKind.Switches)
        {
            var switches = ReadSwitches(body, key, ReadOptions.Strict);
            return (switches.Problems, switches.Ignored);
        }

        if (key.Kind == PolicyDocumentKind.Security)
        {
            var security = ReadSecurity(body, key);
            return (security.Problems, security.Ignored);
        }

        var traffic = ReadTraffic(body, key, ReadOptions.Strict);
        return (traffic.Problems, traffic.Ignored);
    }

    /// <summary>
    /// A document of a later schema is refused to an author for that alone. A client takes what it understands of it:
    /// fields never change their meaning, so what can be read means what it says, and a fleet that is half updated
    /// must not lose its timeouts over a new section.
    /// </summary>
    private static bool HasReadableSchema(PolicyNode root, ReadContext context)
    {
        if (root.Kind != NodeKind.Object || root.Find("schema") is not { Kind: NodeKind.Number } schema ||
            schema.Text == TrafficDocument.CurrentSchema.ToString(CultureInfo.InvariantCulture))
        {
            return true;
        }

        if (!context.IsStrict &&
            int.TryParse(schema.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var later) &&
            later > TrafficDocument.CurrentSchema)
        {
            context.IsOfLaterSchema = true;
            return true;
        }

        DocumentLanguage.Schema.Read(schema, "/schema", context, out _);
        return false;
    }

    private static TrafficDocument Check(TrafficDocument document, PolicyNode root, ReadContext context)
    {
        var subsets = root.Kind == NodeKind.Object ? root.Find("subsets") : null;
        var declared = (subsets?.Members.Select(m => m.Key) ?? []).ToHashSet(StringComparer.Ordinal);
        if (context.Problems.Count == 0)
        {
            document = LeftOutSubsets.Follow(document, declared, context);
        }

        SubsetChecks.Check(document, declared, context);
        RouteChecks.Check(document.Routes ?? [], context);
        SectionChecks.Rates(document.Inbound?.Rate is { IsOff: false, Value: var rates } ? rates : [], context);
        DangerChecks.Check(document, context);
        return document;
    }
}
