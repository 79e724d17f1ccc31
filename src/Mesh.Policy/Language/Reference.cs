using System.Text;
using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>
/// The table of fields in this package's README, printed from the language so that it cannot go stale.
/// </summary>
internal static class Reference
{
    /// <summary>Of traffic documents.</summary>
    public static string Traffic() => Markdown(TrafficLanguage.OfService.Rows());

    /// <summary>Of security documents.</summary>
    public static string Security() => Markdown(SecurityLanguage.OfGlobal.Rows());

    private static string Markdown(IEnumerable<FieldRow> rows)
    {
        var text = new StringBuilder("| Field | Meaning | May be | Default |\n|---|---|---|---|\n");
        AddRows(text, "", rows);
        return text.ToString();
    }

    private static void AddRows(StringBuilder text, string prefix, IEnumerable<FieldRow> rows)
    {
        foreach (var row in rows)
        {
            var name = prefix + row.Name;
            var mayBe = row.Shape is null
                ? $"refused: `{row.Refusal}`"
                : Escape(row.Shape.Described) + (row.IsRequired ? "; required" : "");
            text.Append("| `").Append(name).Append("` | ").Append(Escape(row.Summary)).Append(" | ").Append(mayBe)
                .Append(" | ").Append(Escape(row.Default ?? "")).Append(" |\n");
            if (row.Shape is IRowShape { Rows: { } inner } shape)
            {
                AddRows(text, name + shape.Step, inner);
            }
        }
    }

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
