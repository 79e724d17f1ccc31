using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Doors;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Editing;

/// <summary>
/// Writes documents to Consul KV for their authors: with the author's Consul token and never the desk's own, so that
/// Consul's rules decide who may write what, and only while the document is what the author has seen.
/// </summary>
internal sealed class DocumentWriter(
    DocumentStore store,
    Judge judge,
    ClientRegistry clients,
    Breakage breakage,
    MeshConsul consul,
    MeshSelf self,
    IOptions<DeskOptions> options,
    TimeProvider time,
    ILogger<DocumentWriter> logger)
{
    /// <summary>How long an author waits until this desk has seen what it wrote.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>What is in KV now.</summary>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not read this key.</exception>
    public async Task<KvEntry?> ReadAsync(PolicyKey key, string? token, CancellationToken cancellationToken)
    {
        using var client = consul.Client.WithToken(token);
        return await ReadAsync(client, key, cancellationToken);
    }

    /// <summary>Judges a document as its author's and writes it.</summary>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not write this key.</exception>
    public async Task<WriteResult> WriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var (key, body) = (request.Key, request.Body);
        using var client = consul.Client.WithToken(request.Token);
        var present = await ReadAsync(client, key, cancellationToken);
        var index = present?.ModifyIndex ?? 0;
        if (request.Index is { } expected && expected != index)
        {
            return new WriteResult(WriteOutcome.Conflict) { Present = present };
        }

        var judged = await JudgeAsync(key, body, cancellationToken) with { Present = present };
        if (judged is not { Outcome: WriteOutcome.Written, Verdict.Good: { } good })
        {
            return judged;
        }

        var outcome = judged.Obedience!.Unable > 0 && !request.Accepts(good, Obedience.AcceptCode)
            ? WriteOutcome.ClientsCannotObey
            : judged.Breaks.Count > 0 && !request.Accepts(good, Breakage.AcceptCode) ? WriteOutcome.CallersWouldBreak
            : present is not null && present.Value.Span.SequenceEqual(body.Span) ? WriteOutcome.Unchanged
            : WriteOutcome.Written;
        return outcome == WriteOutcome.Written
            ? await PutAsync(client, judged, request, index, cancellationToken)
            : judged with { Outcome = outcome };
    }

    /// <summary>What an author is told before anything is written.</summary>
    /// <returns>Refused, or what would be written.</returns>
    public async Task<WriteResult> JudgeAsync(
        PolicyKey key, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var revision = new PolicyRevision(store.Current?.Datacenter ?? "", 0, PolicyRevision.HashOf(body.Span));
        var verdict = await judge.JudgeAuthorsAsync(key, revision, body, cancellationToken);
        if (verdict.Good?.Security is { } security && store.Current?.Loosened(key, security) is { Count: > 0 } loosened)
        {
            // In force the minimum would win without a word; here somebody can still be told.
            verdict = verdict with { Problems = loosened, Good = null };
        }

        return verdict.Good is not { } good
            ? new WriteResult(WriteOutcome.Refused, verdict)
            : new WriteResult(WriteOutcome.Written, verdict, clients.Ask(key, body))
            {
                Breaks = breakage.Of(key, good, store.Current),
            };
    }

    private async Task<WriteResult> PutAsync(
        ConsulClient client, WriteResult judged, WriteRequest request, ulong index, CancellationToken cancellationToken)
    {
        var (key, body) = (request.Key, request.Body);
        if (!await client.PutKeyAsync(Prefix + key, body, index, cancellationToken))
        {
            return new WriteResult(WriteOutcome.Conflict)
            {
                Present = await ReadAsync(client, key, cancellationToken),
            };
        }

        DeskLog.Written(logger, key, judged.Verdict?.Good?.Meta?.By ?? "nobody who said so");
        return judged with
        {
            Revision = await SeenAsync(key, PolicyRevision.HashOf(body.Span), index, cancellationToken),
        };
    }

    private string Prefix => self.Mesh + "/";

    private async Task<KvEntry?> ReadAsync(ConsulClient client, PolicyKey key, CancellationToken cancellationToken)
    {
        var query = new ConsulQuery
        {
            Consistency = ConsulConsistency.Consistent,
            Datacenter = options.Value.Consul.Datacenter,
        };
        return (await client.GetKeyAsync(Prefix + key, query, cancellationToken)).Value;
    }

    /// <summary>The revision once this desk has it, so that who asks the desk next sees what was written.</summary>
    private async Task<PolicyRevision?> SeenAsync(
        PolicyKey key, string hash, ulong before, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            while (store.Observe() is var (state, changed))
            {
                if (state.Documents.GetValueOrDefault(key.ToString())?.Revision is { } seen &&
                    seen.Hash == hash && seen.ModifyIndex != before)
                {
                    return seen;
                }

                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is written; this desk is only late to hear of it.
        }

        return null;
    }
}
