using System.Text;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Editing;
using Mesh.ConfigServer.History;
using Mesh.ConfigServer.Wire;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.Http;

/// <summary>What a document said before, what differs, and the way back.</summary>
internal sealed class HistoryHandlers(
    DocumentStore store,
    HistoryStore history,
    HistoryRecorder recorder,
    DocumentWriter writer,
    DocumentHandlers documents,
    WriteGate gate)
{
    /// <summary>Notes of a document have up to 1024 characters, each up to six bytes as JSON.</summary>
    private const int MaxRequest = 64 * 1024;

    private const int MaxNote = 1024;

    public Task ListAsync(HttpContext context) => WithHistoryAsync(context, async (key, entries) =>
    {
        var document = Find(key);
        var answer = new HistoryWire
        {
            Key = key.ToString(),
            Newest = document?.Revision,
            State = document?.State.ToString().ToLowerInvariant(),
            InForce = document?.LastGood?.Revision,
            Trouble = recorder.Trouble,
            Entries = [.. entries.Select(e => Entry(key, e, document))],
        };
        await Answers.JsonAsync(context, answer, DeskJson.Default.HistoryWire);
    });

    /// <summary>One revision as its author wrote it, to be kept or put somewhere by hand.</summary>
    public Task RevisionAsync(HttpContext context) => WithHistoryAsync(context, async (_, entries) =>
    {
        if (await FindAsync(context, entries, context.Request.RouteValues["id"]?.ToString() ?? "") is { } entry)
        {
            await Answers.TextAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetString(entry.Body.Span));
        }
    });

    public Task DiffAsync(HttpContext context) => WithHistoryAsync(context, async (key, entries) =>
    {
        var to = context.Request.Query["to"].ToString();
        var from = context.Request.Query["from"].ToString();
        var newer = to.Length > 0
            ? await FindAsync(context, entries, to)
            : InForce(key, entries) ?? entries.FirstOrDefault();
        if (newer is null && to.Length > 0)
        {
            return;
        }

        var older = from.Length > 0 ? await FindAsync(context, entries, from) : Before(entries, newer);
        if (newer is not null && older is not null)
        {
            await Answers.JsonAsync(context, Diff(key, older, newer), DeskJson.Default.DiffWire);
        }
        else if (from.Length == 0)
        {
            await Answers.ProblemAsync(
                context, StatusCodes.Status404NotFound, $"There are no two revisions of {key} to compare.");
        }
    });

    public async Task RollbackAsync(HttpContext context)
    {
        if (!await gate.PassesAsync(context) ||
            await BoundedBody.ReadAsync(context, MaxRequest, DeskJson.Default.RollbackRequest) is not { } request)
        {
            return;
        }

        if (request.By.Length is 0 or > MaxNote)
        {
            await Answers.ProblemAsync(
                context, StatusCodes.Status400BadRequest, $"\"by\" says who does it, in 1 to {MaxNote} characters.");
            return;
        }

        await WithHistoryAsync(context, (key, entries) => RollbackAsync(context, key, entries, request));
    }

    private async Task RollbackAsync(
        HttpContext context, PolicyKey key, IReadOnlyList<HistoryEntry> entries, RollbackRequest request)
    {
        // What is there is read before the way back is chosen: whoever writes meanwhile makes it a conflict.
        var token = DocumentHandlers.TokenOf(context);
        var present = await writer.ReadAsync(key, token, context.RequestAborted);
        var target = request.To is { } id ? await FindAsync(context, entries, id) : Previous(present, entries);
        if (target is null)
        {
            if (request.To is null)
            {
                await Answers.ProblemAsync(
                    context, StatusCodes.Status404NotFound, $"There is no revision of {key} before the one in force.");
            }

            return;
        }

        var signature = new Signature(request.By, request.Why ?? $"rollback to {target.Id}", request.Ticket);
        var write = new WriteRequest(key, signature.Sign(key, target.Body) ?? target.Body.ToArray())
        {
            Index = request.Index ?? present?.ModifyIndex ?? 0,
            Accept = request.Accept,
            Token = token,
        };
        await documents.WriteAsync(context, write, target.Id);
    }

    /// <summary>
    /// Where an operator wants to who does not say: away from what is in KV now. When that was refused, to what is in
    /// force, which is the newest that was recorded; else to what was there before it.
    /// </summary>
    private static HistoryEntry? Previous(KvEntry? present, IReadOnlyList<HistoryEntry> entries)
    {
        var now = entries.FirstOrDefault(e => e.Revision.ModifyIndex == present?.ModifyIndex);
        return now is null ? entries.FirstOrDefault() : Before(entries, now);
    }

    private static HistoryEntry? Before(IReadOnlyList<HistoryEntry> entries, HistoryEntry? entry) =>
        entry is null ? null : entries.SkipWhile(e => e != entry).Skip(1).FirstOrDefault();

    private HistoryEntry? InForce(PolicyKey key, IReadOnlyList<HistoryEntry> entries) =>
        entries.FirstOrDefault(e => e.Revision == Find(key)?.LastGood?.Revision);

    private DeskDocument? Find(PolicyKey key) => store.Current?.Documents.GetValueOrDefault(key.ToString());

    private static HistoryEntryWire Entry(PolicyKey key, HistoryEntry entry, DeskDocument? document)
    {
        var verdict = Judge.Read(key, entry.Revision, entry.Body);
        return new HistoryEntryWire
        {
            Id = entry.Id,
            Revision = entry.Revision,
            At = entry.At,
            Meta = verdict.Good?.Meta,
            InForce = entry.Revision == document?.LastGood?.Revision,
            Problems = verdict.Problems,
        };
    }

    private static DiffWire Diff(PolicyKey key, HistoryEntry older, HistoryEntry newer) => new()
    {
        Key = key.ToString(),
        From = older.Id,
        To = newer.Id,
        Changes = DocumentDiff.Between(older.Body, newer.Body),
        Text = LineDiff.Between(Encoding.UTF8.GetString(older.Body.Span), Encoding.UTF8.GetString(newer.Body.Span)),
    };

    private static async Task<HistoryEntry?> FindAsync(
        HttpContext context, IReadOnlyList<HistoryEntry> entries, string id)
    {
        if (entries.FirstOrDefault(e => e.IsNamed(id)) is { } found)
        {
            return found;
        }

        await Answers.ProblemAsync(
            context,
            StatusCodes.Status404NotFound,
            $"The history has no revision '{id}'; it has the last {HistoryStore.Kept}.");
        return null;
    }

    private async Task WithHistoryAsync(
        HttpContext context, Func<PolicyKey, IReadOnlyList<HistoryEntry>, Task> answer)
    {
        if (await DocumentHandlers.KeyAsync(context) is not { } key)
        {
            return;
        }

        try
        {
            var datacenter = store.Current?.Datacenter ?? "";
            await answer(key, await history.ReadAsync(key, datacenter, context.RequestAborted));
        }
        catch (ConsulException error)
        {
            await DocumentHandlers.ConsulFailedAsync(context, error);
        }
    }
}
