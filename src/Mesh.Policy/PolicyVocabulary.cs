using System.Globalization;
using Mesh.Policy.Language;
using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy;

/// <summary>
/// The fields and words of the language by name, so that somebody who knows a document and a reader's vocabulary can
/// tell what the reader will leave out, without knowing the reader's version.
/// </summary>
public static class PolicyVocabulary
{
    private const string Switches = "switches.";
    private const string Security = "security.";
    private const string Off = Switches + "off";
    private const string Algorithm = "balance.algorithm=";

    // Nothing of these acts on a call.
    private static readonly string[] WithoutEffect = ["$schema", "schema", "meta", "accept"];

    private static readonly string[] Own =
    [
        .. TermsOf("", TrafficLanguage.OfService.Rows()),
        .. TermsOf(Security, SecurityLanguage.OfGlobal.Rows()),
        .. SwitchTerms(),
    ];

    /// <summary>What this version understands.</summary>
    /// <param name="algorithms">
    /// The balancing algorithms of the application, as a document names them: <c>custom:first-of-zone</c>.
    /// </param>
    public static ClientVocabulary Of(IEnumerable<string> algorithms) => new()
    {
        Schema = TrafficDocument.CurrentSchema,
        Terms = [.. Own, .. algorithms.Select(a => Algorithm + a)],
    };

    /// <summary>
    /// What a document uses; empty when it is none that this version reads, which validation says better.
    /// </summary>
    public static IReadOnlyList<PolicyTerm> UsedBy(ReadOnlyMemory<byte> utf8, PolicyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var used = new List<PolicyTerm>();
        if (NodeParser.Parse(utf8.Span, new ReadContext(ReadOptions.Tolerant)) is { Kind: NodeKind.Object } root)
        {
            switch (key.Kind)
            {
                case PolicyDocumentKind.Switches:
                    AddSwitches(root, used);
                    break;
                case PolicyDocumentKind.Security:
                    AddMembers(root, SecurityLanguage.Of(key).Rows(), "", Security, used);
                    break;
                default:
                    AddMembers(root, TrafficLanguage.Of(key).Rows(), "", "", used);
                    break;
            }
        }

        return used;
    }

    /// <summary>The schema a document says it is written in; 1 when it says none.</summary>
    public static int SchemaOf(ReadOnlyMemory<byte> utf8) =>
        NodeParser.Parse(utf8.Span, new ReadContext(ReadOptions.Tolerant))?.Find("schema") is { } schema &&
        int.TryParse(schema.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 1;

    private static IEnumerable<string> TermsOf(string prefix, IEnumerable<FieldRow> rows)
    {
        foreach (var row in rows.Where(r => r.Shape is not null))
        {
            var term = prefix + row.Name;
            if (IsTop(prefix) && WithoutEffect.Contains(row.Name))
            {
                continue;
            }

            yield return term;
            foreach (var word in (row.Shape as IWordsShape)?.Words ?? [])
            {
                yield return $"{term}={word}";
            }

            if (row.Shape is IRowShape { Rows: { } inner } shape)
            {
                foreach (var below in TermsOf(term + shape.Step, inner))
                {
                    yield return below;
                }
            }
        }
    }

    private static bool IsTop(string prefix) => prefix is "" or Security;

    private static IEnumerable<string> SwitchTerms() =>
        MechanismWords.All.Select(w => $"{Off}={w}").Prepend($"{Switches}mode=bypass");

    private static void AddSwitches(PolicyNode root, List<PolicyTerm> used)
    {
        if (root.Find("mode") is { Kind: NodeKind.Text } mode &&
            mode.Text.Equals("bypass", StringComparison.OrdinalIgnoreCase))
        {
            used.Add(new PolicyTerm("/mode", $"{Switches}mode=bypass"));
        }

        var off = root.Find("off");
        var words = off is { Kind: NodeKind.List } ? off.Items : off is null ? [] : [off];
        for (var i = 0; i < words.Count; i++)
        {
            var path = off!.Kind == NodeKind.List ? Pointer.Append("/off", i) : "/off";
            var name = MechanismWords.TryParse(words[i].Text, out var known)
                ? MechanismWords.Of(known)[0]
                : words[i].Text;
            used.Add(new PolicyTerm(path, $"{Off}={PolicyNode.Shorten(name)}"));
        }
    }

    private static void AddMembers(
        PolicyNode node, IEnumerable<FieldRow> rows, string path, string prefix, List<PolicyTerm> used)
    {
        foreach (var (name, value) in node.Members)
        {
            if (IsTop(prefix) && WithoutEffect.Contains(name))
            {
                continue;
            }

            var here = Pointer.Append(path, name);
            var term = prefix + name;
            used.Add(new PolicyTerm(here, term));
            AddValue(value, rows.FirstOrDefault(r => r.Name == name)?.Shape, here, term, used);
        }
    }

    private static void AddValue(PolicyNode node, Shape? shape, string path, string term, List<PolicyTerm> used)
    {
        if (shape is not IRowShape { Rows: { } rows } holder)
        {
            AddWords(node, shape as IWordsShape, path, term, used);
            return;
        }

        if (node.Kind == NodeKind.Text)
        {
            AddWords(node, shape as IWordsShape, path, term, used);
        }

        if (holder.Step == ".")
        {
            AddMembers(node, rows, path, term + holder.Step, used);
            return;
        }

        for (var i = 0; i < node.Items.Count; i++)
        {
            AddMembers(node.Items[i], rows, Pointer.Append(path, i), term + holder.Step, used);
        }

        foreach (var (name, entry) in node.Members)
        {
            AddMembers(entry, rows, Pointer.Append(path, name), term + holder.Step, used);
        }
    }

    /// <summary>
    /// Words stand alone, in lists, as the name of a field, or any of these under names of the author's.
    /// </summary>
    private static void AddWords(PolicyNode node, IWordsShape? shape, string path, string term, List<PolicyTerm> used)
    {
        if (shape is null)
        {
            return;
        }

        if (node.Kind == NodeKind.Text && shape.WordOf(node.Text) is { } word)
        {
            used.Add(new PolicyTerm(path, $"{term}={PolicyNode.Shorten(word)}"));
        }

        for (var i = 0; i < node.Items.Count; i++)
        {
            AddWords(node.Items[i], shape, Pointer.Append(path, i), term, used);
        }

        foreach (var (name, value) in node.Members)
        {
            var here = Pointer.Append(path, name);
            if (shape.Words.Contains(name))
            {
                used.Add(new PolicyTerm(here, $"{term}={name}"));
            }
            else
            {
                AddWords(value, shape, here, term, used);
            }
        }
    }
}
