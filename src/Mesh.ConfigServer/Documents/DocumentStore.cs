using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.ConfigServer.History;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// The documents of the mesh as the desk knows them. One watch writes, everybody reads: <see cref="Current"/> is
/// replaced as a whole, and what <see cref="Observe"/> gives completes then.
/// </summary>
internal sealed class DocumentStore(
    Judge judge,
    DocumentFile file,
    HistoryStore history,
    MeshSelf self,
    TimeProvider time,
    ILogger<DocumentStore> logger) : IDisposable
{
    private readonly KvBelief _belief = new();

    // Guards the belief and the order of states: an answer and a review follow one another. Held across calls to the
    // catalog; readers never take it.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly string _prefix = self.Mesh + "/";
    private Snapshot? _current;

    /// <summary><see langword="null"/> until Consul has answered once, or the disk remembered an answer.</summary>
    public DeskState? Current => Volatile.Read(ref _current)?.State;

    /// <summary>The state now, and a task that completes when there is another one.</summary>
    public (DeskState State, Task Changed)? Observe() =>
        Volatile.Read(ref _current) is { } now ? (now.State, now.Replaced.Task) : null;

    /// <summary>Goes on from what an earlier run saved. Called before the watch starts.</summary>
    public void Restore()
    {
        if (file.Load() is not { } saved)
        {
            return;
        }

        _belief.Restore(
            saved.Index,
            saved.Documents.Select(d => new KvEntry(_prefix + d.Key, d.Value, 0, d.ModifyIndex, 0)),
            saved.Documents.Where(d => d.IsOrphaned).Select(d => _prefix + d.Key));
        var state = saved.ToState(self.Mesh);
        Publish(state);
        DeskLog.Restored(logger, state.Documents.Count, saved.SavedAt);
    }

    /// <summary>The keys that an answer lacks and that were there before.</summary>
    public string[] Vanished(ConsulResponse<KvEntry[]> answer) => _belief.Vanished(answer);

    /// <summary>The highest index that anything known was written at.</summary>
    public ulong NewestIndex => _belief.Newest;

    /// <summary>An answer is older than what is known.</summary>
    public bool IsOlder(ConsulResponse<KvEntry[]> answer) => _belief.IsOlder(answer);

    /// <summary>Takes an answer of the watch. Answers come one after the other.</summary>
    public async Task ApplyAsync(KvAnswer answer, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await ApplyLockedAsync(answer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>
    /// Judges again what was refused only for subsets without endpoints: Consul does not report a value that is written
    /// unchanged, so the author could not ask for it.
    /// </summary>
    public async Task ReviewAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await ReviewLockedAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Ends the switches whose time is over by then, and tells clients so whatever their clocks say.</summary>
    public async Task ExpireAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (Current is not { } state)
            {
                return;
            }

            var edit = new DeskEdit(state, state.Datacenter);
            var ended = edit.Expire(now);
            if (ended.Count > 0)
            {
                Publish(edit.ToState());
                DeskLog.SwitchesEnded(logger, string.Join(", ", ended));
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task ApplyLockedAsync(KvAnswer answer, CancellationToken cancellationToken)
    {
        var change = _belief.Apply(answer.Response, answer.Transition, answer.LeaderChanged, answer.Hidden);
        var state = Current;
        if (state is not null && change.IsEmpty && state.Datacenter == answer.Datacenter)
        {
            return;
        }

        // Switches first and by themselves: in an emergency they must not wait until traffic documents are judged.
        var edit = new DeskEdit(state ?? DeskState.Empty(self.Mesh), answer.Datacenter);
        RemoveAbsent(edit, change);
        var (switches, others) = Split(change.Written);
        await JudgeAsync(edit, switches, cancellationToken);
        if (switches.Count > 0 && state is not null)
        {
            Publish(edit.ToState());
        }

        await JudgeAsync(edit, others, cancellationToken);
        PublishAndSave(edit.ToState());
    }

    private async Task ReviewLockedAsync(CancellationToken cancellationToken)
    {
        var doubtful = Current?.Documents.Where(d => d.Value.IsRefusedByCatalog).ToArray() ?? [];
        var edit = new DeskEdit(Current ?? DeskState.Empty(self.Mesh), Current?.Datacenter ?? "");
        var changed = false;
        foreach (var (relative, document) in doubtful)
        {
            var value = _belief.Entries[_prefix + relative].Value;
            var verdict = await judge.JudgeAsync(document.Key, document.Revision, value, cancellationToken);
            if (verdict.Good is not null)
            {
                edit.Write(relative, document.Key, document.Revision, verdict, value, document.SeenAt);
                DeskLog.Accepted(logger, document.Key, document.Revision);
                changed = true;
            }
        }

        if (changed)
        {
            PublishAndSave(edit.ToState());
        }
    }

    private void PublishAndSave(DeskState state)
    {
        Publish(state);
        file.Save(DocumentFileWire.From(state, _belief, _prefix, time.GetUtcNow()));
    }

    private static (List<KvEntry> Switches, List<KvEntry> Others) Split(IReadOnlyList<KvEntry> written)
    {
        var groups = written.ToLookup(e => e.Key.Contains("/switches/", StringComparison.Ordinal));
        return ([.. groups[true]], [.. groups[false]]);
    }

    private void RemoveAbsent(DeskEdit edit, KvChange change)
    {
        foreach (var key in change.Deleted)
        {
            edit.Remove(Relative(key));
            DeskLog.Deleted(logger, key);
        }

        foreach (var key in change.Orphaned)
        {
            edit.Orphan(Relative(key));
            DeskLog.Orphaned(logger, key);
        }
    }

    private async Task JudgeAsync(DeskEdit edit, List<KvEntry> written, CancellationToken cancellationToken)
    {
        foreach (var entry in written)
        {
            var relative = Relative(entry.Key);
            if (!PolicyKey.TryParse(relative, out var key, out var reason))
            {
                edit.Unknown(relative, new PolicyProblem(entry.Key, ProblemCodes.Misplaced, reason));
                DeskLog.UnknownKey(logger, entry.Key, reason);
                continue;
            }

            var hash = PolicyRevision.HashOf(entry.Value.Span);
            var revision = new PolicyRevision(edit.Datacenter, entry.ModifyIndex, hash);
            if (edit.TakeBack(relative, revision))
            {
                continue;
            }

            var verdict = await judge.JudgeAsync(key, revision, entry.Value, cancellationToken);
            edit.Write(relative, key, revision, verdict, entry.Value, time.GetUtcNow());
            if (edit.LacksGood(relative) && await RecallAsync(key, edit.Datacenter, cancellationToken) is { } good)
            {
                edit.Recall(relative, good);
                DeskLog.Recalled(logger, key, good.Revision);
            }

            if (verdict.Good is not null)
            {
                DeskLog.Accepted(logger, key, revision);
            }
            else
            {
                DeskLog.Refused(logger, key, revision, verdict.Problems.Count, verdict.Problems[0]);
            }
        }
    }

    /// <summary>
    /// The revision that a desk without memory has missed: what replicas recorded as in force before the newest one was
    /// refused. Without it a new replica would tell clients that there is no such document.
    /// </summary>
    private async Task<GoodDocument?> RecallAsync(PolicyKey key, string datacenter, CancellationToken cancellationToken)
    {
        try
        {
            var entries = await history.ReadAsync(key, datacenter, cancellationToken);
            return entries.Count == 0 ? null : Judge.Read(key, entries[0].Revision, entries[0].Body).Good;
        }
        catch (ConsulException error)
        {
            DeskLog.HistoryUnreadable(logger, key, error.Message);
            return null;
        }
    }

    private string Relative(string key) => key[_prefix.Length..];

    private void Publish(DeskState state)
    {
        var before = Volatile.Read(ref _current);
        Volatile.Write(ref _current, new Snapshot(state));
        before?.Replaced.TrySetResult();
    }

    private sealed class Snapshot(DeskState state)
    {
        public DeskState State { get; } = state;

        // Hundreds of streams wake on this; they must not all run inside the watch.
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
