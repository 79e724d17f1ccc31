using System.Text;
using System.Text.Json;
using Mesh.ConfigServer.Access;
using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Doors;
using Mesh.ConfigServer.Editing;
using Mesh.ConfigServer.Wire;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.Http;

/// <summary>Single documents: what they say, and changes to them.</summary>
internal sealed class DocumentHandlers(
    DocumentStore store, DocumentWriter writer, WriteGate gate, DeskInstruments instruments)
{
    /// <summary>The author's Consul token, under Consul's own name.</summary>
    public const string TokenHeader = "X-Consul-Token";

    public async Task GetAsync(HttpContext context)
    {
        if (await KeyAsync(context) is not { } key)
        {
            return;
        }

        if (store.Current is not { } state)
        {
            await Answers.NotReadyAsync(context);
        }
        else if (state.Documents.GetValueOrDefault(key.ToString()) is { } document)
        {
            var entry = JsonSerializer.SerializeToNode(
                state.ToListEntry(document), MeshWireJson.Default.PolicyListEntryWire)!;
            var answer = new DocumentWire { Document = entry, Body = document.LastGood?.Body };
            await Answers.JsonAsync(context, answer, DeskJson.Default.DocumentWire);
        }
        else
        {
            await Answers.ProblemAsync(context, StatusCodes.Status404NotFound, $"There is no document {key}.");
        }
    }

    public async Task PutAsync(HttpContext context)
    {
        if (await KeyAsync(context) is not { } key || !await gate.PassesAsync(context))
        {
            return;
        }

        ulong? index = null;
        if (context.Request.Query["index"].ToString() is { Length: > 0 } text)
        {
            if (!ulong.TryParse(text, out var number))
            {
                await Answers.ProblemAsync(
                    context, StatusCodes.Status400BadRequest, $"The index is a number, not '{text}'.");
                return;
            }

            index = number;
        }

        // One byte more than Consul keeps: the verdict on a larger one is validation's.
        if (await BoundedBody.ReadBytesAsync(context, PolicyLimits.DocumentBytes + 1) is not { } body)
        {
            return;
        }

        await WriteAsync(
            context,
            new WriteRequest(key, body) { Index = index, Accept = Accepted(context), Token = TokenOf(context) },
            rolledBackTo: null);
    }

    /// <summary>Writes and answers what became of it.</summary>
    public async Task WriteAsync(HttpContext context, WriteRequest request, string? rolledBackTo)
    {
        try
        {
            var result = await writer.WriteAsync(request, context.RequestAborted);
            await AnswerAsync(context, request, result, rolledBackTo);
        }
        catch (ConsulException error)
        {
            await ConsulFailedAsync(context, error);
        }
    }

    /// <summary>
    /// The key of the address; <see langword="null"/> when the request was answered with what is wrong.
    /// </summary>
    public static async Task<PolicyKey?> KeyAsync(HttpContext context)
    {
        var route = context.Request.RouteValues;
        var text = route["name"] is { } name ? $"{route["kind"]}/{route["scope"]}/{name}" : $"{route["kind"]}/global";
        if (PolicyKey.TryParse(text, out var key, out var reason))
        {
            var asker = Asker.Of(context);
            if (asker.MayRead(key))
            {
                return key;
            }

            await Answers.ProblemAsync(
                context,
                StatusCodes.Status403Forbidden,
                $"{asker.Peer} may read what is said of its own door, and not {key}. Send the desk's token to read everything.");
            return null;
        }

        await Answers.ProblemAsync(context, StatusCodes.Status400BadRequest, reason);
        return null;
    }

    public static string? TokenOf(HttpContext context) =>
        context.Request.Headers[TokenHeader].ToString() is { Length: > 0 } token ? token : null;

    public static Task ConsulFailedAsync(HttpContext context, ConsulException error) => error.IsPermissionDenied
        ? Answers.ProblemAsync(
            context,
            StatusCodes.Status403Forbidden,
            $"Consul does not allow it. Send a Consul token that may as the header {TokenHeader}; the desk does not " +
            $"lend its own. {error.Message}")
        : Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, error.Message);

    private static string[] Accepted(HttpContext context) => context.Request.Query["accept"].ToString()
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Task AnswerAsync(HttpContext context, WriteRequest request, WriteResult result, string? rolledBackTo)
    {
        var (status, code, detail) = Words(request, result);
        instruments.Written(code);
        var isDone = status < StatusCodes.Status400BadRequest;
        var answer = new WriteAnswerWire
        {
            Key = request.Key.ToString(),
            Status = isDone ? null : status,
            Code = code,
            Detail = detail,
            Revision = result.Revision,
            RolledBackTo = isDone ? rolledBackTo : null,
            Problems = result.Verdict?.Problems ?? [],
            Ignored = result.Verdict?.Ignored ?? [],
            Clients = result.Obedience,
            Breaks = result.Breaks.Count == 0 ? null : result.Breaks,
            Present = isDone ? null : Present(result),
        };
        context.Response.StatusCode = status;
        return Answers.JsonAsync(
            context,
            answer,
            DeskJson.Default.WriteAnswerWire,
            isDone ? "application/json" : "application/problem+json");
    }

    private static (int Status, string Code, string Detail) Words(WriteRequest request, WriteResult result) =>
        result.Outcome switch
        {
            WriteOutcome.Written when result.Revision is null => (
                StatusCodes.Status202Accepted, "written",
                "Written to Consul KV; this desk has not seen it come by yet."),
            WriteOutcome.Written => (StatusCodes.Status200OK, "written", "Written to Consul KV."),
            WriteOutcome.Unchanged => (
                StatusCodes.Status200OK, "unchanged", "The document says exactly this already; nothing was written."),
            WriteOutcome.Refused => (
                StatusCodes.Status422UnprocessableEntity, "refused",
                $"The document has {result.Verdict!.Problems.Count} problems; nothing was written. The first is " +
                $"{result.Verdict.Problems[0]}"),
            WriteOutcome.Conflict => (
                StatusCodes.Status409Conflict, "conflict",
                result.Present is { } present
                    ? $"The document is at index {present.ModifyIndex} now; nothing was written. Look at what is " +
                      "there, and ask again with that index."
                    : "The document is not there any more; nothing was written. Ask again with index 0 to make it " +
                      "anew."),
            WriteOutcome.CallersWouldBreak => (
                StatusCodes.Status409Conflict, Breakage.AcceptCode,
                $"{request.Key} would refuse callers that are let in now; nothing was written. " +
                $"{Breakage.Describe(result.Breaks)}. If that is wanted, add accept={Breakage.AcceptCode} to the call."),
            _ => (
                StatusCodes.Status409Conflict, Obedience.AcceptCode,
                $"{result.Obedience!.Unable} of {result.Obedience.Connected} clients that report to this desk would " +
                $"{Disobey(request.Key)}; nothing was written. {Obedience.Describe(result.Obedience)}. If " +
                $"that is wanted, add accept={Obedience.AcceptCode} to the call."),
        };

    /// <summary>A door leaves nothing out: what it does not understand it refuses as a whole.</summary>
    private static string Disobey(PolicyKey key) => key.Kind == PolicyDocumentKind.Security
        ? $"not understand {key}, and keep what was there before"
        : $"leave parts of {key} out";

    private PresentWire? Present(WriteResult result) => result.Present is { } entry
        ? new PresentWire(
            new PolicyRevision(
                store.Current?.Datacenter ?? "", entry.ModifyIndex, PolicyRevision.HashOf(entry.Value.Span)),
            Encoding.UTF8.GetString(entry.Value.Span))
        : null;
}
