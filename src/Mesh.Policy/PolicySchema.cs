using System.Text.Json.Nodes;
using Mesh.Policy.Language;

namespace Mesh.Policy;

/// <summary>The JSON Schema (draft 2020-12) of the documents, for editors and other tools.</summary>
public static class PolicySchema
{
    /// <summary>The schema of one kind of document.</summary>
    /// <remarks>
    /// It is generated from the table that validation reads by, so that both know the same fields, words and forms.
    /// What lies between fields (sums, references, an attempt longer than the total) only validation can tell, and the
    /// bounds of durations and percentages stand in <c>x-minimum</c> and <c>x-maximum</c>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static string Json(PolicyDocumentKind kind)
    {
        var (title, body) = kind switch
        {
            PolicyDocumentKind.Traffic => ("Mesh traffic policy", TrafficLanguage.OfService.ToSchema()),
            PolicyDocumentKind.Switches => ("Mesh switches", SwitchLanguage.ToSchema()),
            PolicyDocumentKind.Security => ("Mesh security policy", SecurityLanguage.OfGlobal.ToSchema()),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of document."),
        };
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = title,
        };
        foreach (var (name, value) in body)
        {
            schema[name] = value?.DeepClone();
        }

        return Printing.ToText(writer => schema.WriteTo(writer));
    }
}
