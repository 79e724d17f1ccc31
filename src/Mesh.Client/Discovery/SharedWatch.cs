using System.Threading.Channels;
using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// One blocking query on all health checks instead of one per service: reads what changed, a few at a time. What checks
/// do not show (metadata, weights, instances without a check) is found by reading every service once a minute.
/// </summary>
internal sealed class SharedWatch : IBlockingQueryObserver<ConsulCheck[]>, IDisposable
{
    /// <summary>
    /// Reads under way at once: enough for 100 services in well under a second, little enough for any agent.
    /// </summary>
    private const int Readers = 2;

    /// <summary>Names that a filter carries; more would make a request longer than agents accept.</summary>
    private const int LongestFilter = 4096;

    /// <summary>
    /// Every check of the datacenter wakes the watch, so in a busy one it reads this often; the answers are small, and no
    /// change of ours waits longer.
    /// </summary>
    private static readonly TimeSpan PaceMax = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAtMost = TimeSpan.FromSeconds(5);

    private readonly DiscoveryContext _context;
    private readonly CancellationTokenSource _life = new();
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>();
    private readonly CheckFingerprints _fingerprints = new();

    // Guards the fields below: the services, which of them are queued, and whether the watch was heard; nothing else is
    // called under it.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private bool _heard;

    // Touched by the one query only: the names that the read under way answers for, null for all.
    private HashSet<string>? _covered;

    public SharedWatch(DiscoveryContext context) => _context = context;

    public void Start()
    {
        var query = new BlockingQuery<ConsulCheck[]>(
            _context.Client,
            (q, ct) => _context.Client.GetHealthStateAsync("any", q with { Filter = Filter() }, ct),
            new BlockingQueryOptions { Datacenter = _context.Datacenter, PaceMax = PaceMax },
            _context.Time,
            _context.Random);
        Run("shared watch", ct => query.RunAsync(this, ct));
        Run("shared watch: sweep", SweepAsync);
        for (var i = 0; i < Readers; i++)
        {
            Run("shared watch: reader", ReadAsync);
        }
    }

    /// <summary>
    /// From now on this service is read when it changes. It is read at once; before the watch was heard for the first time,
    /// as soon as it is, because a change before that could not be noticed and everything would be read twice.
    /// </summary>
    public void Add(ServiceWatch watch)
    {
        lock (_gate)
        {
            _entries[watch.Service] = new Entry(watch);
            if (!_heard)
            {
                return;
            }
        }

        Enqueue(watch.Service);
    }

    public void Remove(string service)
    {
        lock (_gate)
        {
            _entries.Remove(service);
        }
    }

    public ValueTask OnResultAsync(ConsulResponse<ConsulCheck[]> response, BlockingQueryTransition transition)
    {
        _context.Link.Answered();
        var first = Heard();
        var changed = _fingerprints.Update(response.Value, out var everything);
        if (first || everything || transition is BlockingQueryTransition.Recovered or BlockingQueryTransition.IndexRegressed)
        {
            EnqueueAll();
        }
        else
        {
            // What was added while the read blocked is none of its answer, and the index that woke it may be theirs: the
            // next read begins after it and would not tell.
            foreach (var service in changed.Concat(Uncovered()))
            {
                Enqueue(service);
            }
        }

        return ValueTask.CompletedTask;
    }

    public void OnFailure(Exception error, int failures)
    {
        foreach (var entry in Entries())
        {
            entry.Watch.OnFailure(error, failures);
        }

        // What is refused to the watch may be allowed for each service by itself.
        if (Heard())
        {
            EnqueueAll();
        }
    }

    public void Dispose()
    {
        _life.Cancel();
        _life.Dispose();
    }

    /// <summary>
    /// Checks of nodes and of our services: in a large datacenter the others are most of the answer. Names are a regular
    /// expression to Consul, and one that needs escaping is none that anybody uses.
    /// </summary>
    private string? Filter()
    {
        string[] services = [.. Entries().Select(e => e.Watch.Service)];
        var names = string.Join('|', services);
        if (names.Length > LongestFilter || !names.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '|'))
        {
            _covered = null;
            return null;
        }

        _covered = new HashSet<string>(services, StringComparer.OrdinalIgnoreCase);
        return $"ServiceName matches `^(?i:{names})?$`";
    }

    private IEnumerable<string> Uncovered() =>
        _covered is { } covered ? Entries().Select(e => e.Watch.Service).Where(s => !covered.Contains(s)) : [];

    private void Run(string name, Func<CancellationToken, Task> work) =>
        _ = BackgroundWork.Keep(name, work, _context.Time, _context.Random, _context.Logger, _life.Token);

    /// <summary>True the first time.</summary>
    private bool Heard()
    {
        lock (_gate)
        {
            var first = !_heard;
            _heard = true;
            return first;
        }
    }

    private Entry[] Entries()
    {
        lock (_gate)
        {
            return [.. _entries.Values];
        }
    }

    /// <summary>Reads every service again.</summary>
    public void EnqueueAll()
    {
        foreach (var entry in Entries())
        {
            Enqueue(entry.Watch.Service);
        }
    }

    private void Enqueue(string service)
    {
        lock (_gate)
        {
            // A change while its read is under way is queued again: the answer may be older than the change.
            if (!_entries.TryGetValue(service, out var entry) || entry.Queued)
            {
                return;
            }

            entry.Queued = true;
        }

        _queue.Writer.TryWrite(service);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // +-20 %, so that a fleet started by one deploy does not sweep in step.
            var pause = SweepEvery * (0.8 + (_context.Random.NextDouble() * 0.4));
            await Task.Delay(pause, _context.Time, cancellationToken).ConfigureAwait(false);
            EnqueueAll();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await foreach (var service in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            Entry? entry;
            lock (_gate)
            {
                if (!_entries.TryGetValue(service, out entry))
                {
                    continue;
                }

                if (entry.Reading)
                {
                    // The other reader has it: it puts it back when it is done, so that answers cannot overtake each
                    // other.
                    entry.Again = true;
                    entry.Queued = false;
                    continue;
                }

                entry.Queued = false;
                entry.Reading = true;
            }

            var failed = true;
            try
            {
                failed = await ReadAsync(entry, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                // Also after what nobody expected: no reader would take the service again.
                bool again;
                lock (_gate)
                {
                    (again, entry.Again, entry.Reading) = (entry.Again || failed, false, false);
                }

                if (again)
                {
                    Enqueue(service);
                }
            }
        }
    }

    private async Task<bool> ReadAsync(Entry entry, CancellationToken cancellationToken)
    {
        var query = new ConsulQuery { Consistency = ConsulConsistency.Stale, Datacenter = _context.Datacenter };
        try
        {
            var answer = await _context.ReadAsync(entry.Watch.Service, query, cancellationToken)
                .ConfigureAwait(false);
            var transition = entry.Index == 0 ? BlockingQueryTransition.First
                : answer.Index < entry.Index ? BlockingQueryTransition.IndexRegressed
                : entry.Failures > 0 ? BlockingQueryTransition.Recovered
                : BlockingQueryTransition.None;
            (entry.Index, entry.Failures) = (answer.Index, 0);
            await entry.Watch.OnResultAsync(answer, transition).ConfigureAwait(false);
            return false;
        }
        catch (ConsulException error)
        {
            entry.Watch.OnFailure(error, ++entry.Failures);
            var pause = RetryAtMost * _context.Random.NextDouble();
            await Task.Delay(pause, _context.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    private sealed class Entry(ServiceWatch watch)
    {
        public ServiceWatch Watch { get; } = watch;

        public ulong Index { get; set; }

        public int Failures { get; set; }

        public bool Queued { get; set; }

        public bool Reading { get; set; }

        public bool Again { get; set; }
    }
}
