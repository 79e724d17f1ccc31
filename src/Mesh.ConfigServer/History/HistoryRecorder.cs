using System.Text;
using Mesh.Client.Pipeline;
using Mesh.ConfigServer.Documents;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.History;

/// <summary>
/// Records every revision that comes into force, whoever wrote it and however. Never in the way of the push: it looks
/// at states after they were published, and what Consul does not take now is tried again.
/// </summary>
internal sealed class HistoryRecorder(
    DocumentStore store,
    HistoryStore history,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<HistoryRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan UntilFirstState = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    // What is known to be kept of each document, by key.
    private readonly Dictionary<string, string> _recorded = new(StringComparer.Ordinal);
    private bool _primed;
    private string? _trouble;

    /// <summary>Why nothing is recorded now; <see langword="null"/> while all is well.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    // What nobody expected must not stop the desk, which the history is only a part of.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        BackgroundWork.KeepAsync("history", RunAsync, time, random, logger, stoppingToken);

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (store.Observe() is not var (state, changed))
            {
                await Task.Delay(UntilFirstState, time, stoppingToken);
            }
            else if (await TryRecordAsync(state, stoppingToken))
            {
                await changed.WaitAsync(stoppingToken);
            }
            else
            {
                // Replicas that lost the same Consul do not come back as one.
                await Task.Delay(Retry * (1 + random.NextDouble()), time, stoppingToken);
            }
        }
    }

    private async Task<bool> TryRecordAsync(DeskState state, CancellationToken cancellationToken)
    {
        try
        {
            await PrimeAsync(state, cancellationToken);
            foreach (var (key, document) in state.Documents)
            {
                if (document.LastGood is { } good && _recorded.GetValueOrDefault(key) is var before &&
                    HistoryStore.NameOf(document.Key, good.Revision) is var name && name != before)
                {
                    await history.RecordAsync(
                        document.Key, good.Revision, Encoding.UTF8.GetBytes(good.Body), time.GetUtcNow(),
                        cancellationToken);
                    _recorded[key] = name;
                }
            }

            Volatile.Write(ref _trouble, null);
            return true;
        }
        catch (ConsulException error)
        {
            if (Interlocked.Exchange(ref _trouble, error.Message) is null)
            {
                DeskLog.HistoryUnwritable(logger, history.Prefix, error.Message);
            }

            return false;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(ref _trouble, error.Message);
            throw;
        }
    }

    /// <summary>A desk that starts asks for names once, instead of writing every document again.</summary>
    private async Task PrimeAsync(DeskState state, CancellationToken cancellationToken)
    {
        if (_primed)
        {
            return;
        }

        var names = await history.NamesAsync(cancellationToken);
        foreach (var (key, document) in state.Documents)
        {
            if (document.LastGood is { } good && HistoryStore.NameOf(document.Key, good.Revision) is var name &&
                names.Contains(name))
            {
                _recorded[key] = name;
            }
        }

        _primed = true;
    }
}
