using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language;

/// <summary>
/// The language of switch documents. Read by hand rather than by shapes: there is nothing to refuse here, and whoever
/// is on call at night gets what can be understood of what was typed.
/// </summary>
internal static class SwitchLanguage
{
    private static readonly string[] Fields = ["mode", "off", "until", "by", "why", "schema", "$schema"];

    public static SwitchDocument? Read(PolicyNode root, ReadContext context)
    {
        if (root.Kind != NodeKind.Object)
        {
            context.WrongType(root, "", "an object like { \"mode\": \"bypass\" }");
            return null;
        }

        var document = new SwitchDocument();
        foreach (var (name, node) in root.Members)
        {
            document = ReadField(document, name, node, Pointer.Append("", name), context);
        }

        return document;
    }

    public static void Write(Utf8JsonWriter writer, SwitchDocument document)
    {
        writer.WriteStartObject();
        writer.WriteString("mode", document.Bypass ? "bypass" : "normal");
        writer.WriteStartArray("off");
        foreach (var word in MechanismWords.Of(document.Off))
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
        if (document.Until is { } until)
        {
            writer.WriteString(
                "until",
                until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        }

        if (document.By is not null)
        {
            writer.WriteString("by", document.By);
        }

        if (document.Why is not null)
        {
            writer.WriteString("why", document.Why);
        }

        writer.WriteEndObject();
    }

    public static JsonObject ToSchema() => new()
    {
        ["type"] = "object",
        ["description"] = "Emergency levers. Whatever is not understood is ignored and reported.",
        ["properties"] = new JsonObject
        {
            ["mode"] = new JsonObject
            {
                ["enum"] = new JsonArray("bypass", "normal"),
                ["description"] =
                    "\"bypass\": everything but last-good discovery, simple balancing, identity and TLS is off.",
            },
            ["off"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject
                {
                    ["enum"] = new JsonArray([.. MechanismWords.All.Select(w => (JsonNode)JsonValue.Create(w))]),
                },
                ["description"] = "Mechanisms that are off.",
            },
            ["until"] = new JsonObject
            {
                ["type"] = "string",
                ["format"] = "date-time",
                ["description"] = "When the switch falls back by itself: with an offset, best \"Z\" for UTC.",
            },
            ["by"] = new JsonObject { ["type"] = "string", ["description"] = "Who threw it." },
            ["why"] = new JsonObject { ["type"] = "string", ["description"] = "Why." },
            ["schema"] = new JsonObject { ["const"] = TrafficDocument.CurrentSchema },
            ["$schema"] = new JsonObject { ["type"] = "string" },
        },
    };

    private static SwitchDocument ReadField(
        SwitchDocument document, string name, PolicyNode node, string path, ReadContext context)
    {
        switch (name)
        {
            case "mode":
                return document with { Bypass = ReadMode(document.Bypass, node, path, context) };
            case "off":
                return document with { Off = document.Off | ReadOff(node, path, context) };
            case "until":
                return document with { Until = ReadUntil(node, path, context) ?? document.Until };
            case "by":
                return document with { By = ReadNote(node, path, context) ?? document.By };
            case "why":
                return document with { Why = ReadNote(node, path, context) ?? document.Why };
            case "schema" or "$schema":
                return document;
            default:
                var suggestion = Suggestions.Closest(name, Fields);
                context.LeaveOut(
                    path,
                    ProblemCodes.UnknownField,
                    $"There is no switch \"{PolicyNode.Shorten(name)}\"; it is ignored{Wording.DidYouMean(suggestion)}",
                    node.Shown(),
                    suggestion: suggestion);
                return document;
        }
    }

    private static bool ReadMode(bool current, PolicyNode node, string path, ReadContext context)
    {
        switch (node.Kind == NodeKind.Text ? node.Text.ToLowerInvariant() : "")
        {
            case "bypass":
                return true;
            case "normal":
                return current;
            default:
                var suggestion = Suggestions.Closest(node.Text, ["bypass", "normal"]);
                context.LeaveOut(
                    path,
                    ProblemCodes.UnknownWord,
                    $"The mode must be \"bypass\" or \"normal\"; it is ignored{Wording.DidYouMean(suggestion)}",
                    node.Shown(),
                    "\"bypass\" or \"normal\"",
                    suggestion);
                return current;
        }
    }

    private static Mechanisms ReadOff(PolicyNode node, string path, ReadContext context)
    {
        if (node.Kind != NodeKind.List)
        {
            return ReadMechanism(node, path, context);
        }

        var off = Mechanisms.None;
        for (var i = 0; i < node.Items.Count; i++)
        {
            off |= ReadMechanism(node.Items[i], Pointer.Append(path, i), context);
        }

        return off;
    }

    private static Mechanisms ReadMechanism(PolicyNode node, string path, ReadContext context)
    {
        if (node.Kind == NodeKind.Text && MechanismWords.TryParse(node.Text, out var mechanism))
        {
            return mechanism;
        }

        var suggestion = Suggestions.Closest(node.Text, MechanismWords.All);
        context.LeaveOut(
            path,
            ProblemCodes.UnknownWord,
            $"There is no such mechanism; it is ignored{Wording.DidYouMean(suggestion)}",
            node.Shown(),
            Wording.Or(MechanismWords.All),
            suggestion);
        return Mechanisms.None;
    }

    /// <summary>
    /// An author is told at once; in KV a lever that nobody can ask about any more still acts, with the time in UTC.
    /// </summary>
    private static DateTimeOffset? ReadUntil(PolicyNode node, string path, ReadContext context)
    {
        if (node.Kind == NodeKind.Text && DateTimeOffset.TryParseExact(
                node.Text,
                ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"],
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var until))
        {
            if (node.Text[^1] != 'Z' && node.Text.LastIndexOfAny(['+', '-']) < node.Text.IndexOf('T'))
            {
                context.NotUnderstood(
                    path,
                    ProblemCodes.InvalidFormat,
                    "The time does not say where: add \"Z\" for UTC or an offset like \"+02:00\"; it is taken for UTC.",
                    node.Shown(),
                    "a date and time of ISO 8601 with an offset",
                    $"{PolicyNode.Shorten(node.Text)}Z");
            }

            return until;
        }

        context.NotUnderstood(
            path,
            ProblemCodes.InvalidFormat,
            "The time must look like \"2026-01-31T18:30:00Z\"; it is ignored, " +
            "and the switch holds until it is deleted.",
            node.Shown(),
            "a date and time of ISO 8601 with an offset");
        return null;
    }

    private static string? ReadNote(PolicyNode node, string path, ReadContext context)
    {
        if (node.Kind == NodeKind.Text)
        {
            return node.Text;
        }

        context.LeaveOut(path, ProblemCodes.WrongType, "A note is a text; it is ignored.", node.Shown(), "a text");
        return null;
    }
}
