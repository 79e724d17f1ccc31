using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Policy for every upstream, from wherever it can be had: the desk's stream where there is a desk, Consul KV where
/// there is none or it is lost for long, a folder where neither ever answered. Until one of them answers, what the
/// snapshot of an earlier run says; without that, built-in defaults. Losing a source changes nothing.
/// </summary>
internal sealed partial class PolicyFeed : IUpstreamFeed, IDisposable
{
    /// <summary>A lost desk is not urgent: KV is read after this much, up to twice of it.</summary>
    private static readonly TimeSpan Unhurried = TimeSpan.FromSeconds(30);

    /// <summary>The same when nothing is in force but built-in defaults.</summary>
    private static readonly TimeSpan Hurried = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After how long the catalog is asked again for a desk that nobody named; up to twice of it. Where all are started
    /// together, the desk is listed a moment later than the first who look for it.
    /// </summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>What that doubles to where there is none; up to twice of it.</summary>
    private static readonly TimeSpan LongestLookAgain = TimeSpan.FromSeconds(30);

    /// <summary>How often a desk that stays lost is told of.</summary>
    private static readonly TimeSpan DeskRepeat = TimeSpan.FromMinutes(1);

    /// <summary>How long live sources have before a folder stands in.</summary>
    private static readonly TimeSpan FolderAfter = TimeSpan.FromSeconds(2);

    /// <summary>How long reading it may take.</summary>
    private static readonly TimeSpan FolderTime = TimeSpan.FromSeconds(1);

    private readonly MeshOptions _options;
    private readonly MeshSelf _self;
    private readonly ConsulClient? _consul;
    private readonly PolicyMemory _memory;
    private readonly MeshInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly bool _isDevelopment;
    private readonly PolicyStore _store;
    private readonly KvPolicySource? _kv;
    private readonly FilePolicySource? _files;
    private readonly ITimer _fallBack;
    private readonly ITimer _folder;
    private readonly CancellationTokenSource _life = new();

    // Guards the fields below. Sources are started and stopped under it; they never call back while they are.
    private readonly Lock _gate = new();
    private bool _started;
    private bool _disposed;
    private bool _deskLost;
    private bool _isNamed;
    private bool _isProven;
    private long _deskLostAt;
    private long _deskSaidAt;
    private DeskClient? _desk;
    private DeskPolicySource? _deskSource;
    private ClientReporter? _reporter;

    /// <param name="options">Names the desk, the folder, the prefix.</param>
    /// <param name="self">Who this process is.</param>
    /// <param name="consul">Consul; <see langword="null"/> where it is not used.</param>
    /// <param name="snapshot">What an earlier run knew.</param>
    /// <param name="instruments">Counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Jitter.</param>
    /// <param name="loggers">Loggers.</param>
    /// <param name="isDevelopment">The host says so: a desk found in the catalog is trusted.</param>
    /// <param name="own">Gets what is about this process itself.</param>
    public PolicyFeed(
        MeshOptions options,
        MeshSelf self,
        MeshConsul? consul,
        SnapshotStore snapshot,
        MeshInstruments instruments,
        TimeProvider time,
        Random random,
        ILoggerFactory loggers,
        bool isDevelopment,
        OwnPolicy? own = null)
    {
        (_options, _self, _instruments) = (options, self, instruments);
        // A revision is taken, told of and applied in one go: no logger may come between.
        loggers = new GuardedLoggers(loggers);
        (_time, _random, _loggers, _isDevelopment) = (time, random, loggers, isDevelopment);
        _consul = options.Discovery.UseConsul ? consul?.Client : null;
        _logger = loggers.CreateLogger<PolicyFeed>();
        Own = own ?? new OwnPolicy(self.Service);
        _store = new PolicyStore(self, IsBypass, instruments, time, random, loggers.CreateLogger<PolicyStore>(), Own)
        {
            HasLiveSource = _consul is not null || options.ConfigServer is not null,
            HasFolder = options.PolicyFolder is not null,
        };
        _memory = new PolicyMemory(_store, snapshot, time, _logger);
        if (_consul is not null)
        {
            _kv = new KvPolicySource(
                _consul, Reader(_consul), options.Consul.Datacenter, _store, instruments, time, random,
                loggers.CreateLogger<KvPolicySource>());
        }

        _files = options.PolicyFolder is { } folder
            ? new FilePolicySource(folder, _store, time, loggers.CreateLogger<FilePolicySource>())
            : null;
        _fallBack = BackgroundWork.CreateTimer(time, FallBack, _logger);
        _folder = BackgroundWork.CreateTimer(time, UseFolder, _logger);
        Measure(instruments.Meter);
    }

    /// <summary>The balancing algorithms of the application, as a policy names them.</summary>
    public IReadOnlyList<string> CustomAlgorithms { get; init; } = [];

    /// <summary>By what a desk is known that nobody named; <see langword="null"/> without an identity.</summary>
    public DeskTrust? Trust { get; init; }

    /// <summary>The door of this process, when it has one: what it counts is reported to the desk.</summary>
    public IDoorSight? Door { get; init; }

    /// <summary>What is in force.</summary>
    public PolicyStatus Status => _store.Status;

    /// <summary>What is in force for this process itself.</summary>
    public OwnPolicy Own { get; }

    /// <summary>How long to wait for the first word at start, where other first answers are waited for so long.</summary>
    public TimeSpan PatienceFor(TimeSpan others) =>
        _store.HasFolder && others < FolderAfter + FolderTime ? FolderAfter + FolderTime : others;

    /// <summary>The environment says <c>MESH_MODE=bypass</c>.</summary>
    public bool IsBypass { get; } = IsBypassed();

    /// <summary>
    /// Begins to ask for what is about this process itself, also when it calls nobody; harmless when it already does.
    /// </summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_disposed || !StartLocked())
            {
                return;
            }
        }

        _memory.Recall();
    }

    public void Attach(Upstream upstream)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _store.Attach(upstream);
            if (!StartLocked())
            {
                _kv?.Attached(upstream.Name);
                _deskSource?.Refresh();
                _reporter?.Wake();
            }
        }

        // Here and now, although it reads a file the first time: endpoints from the same snapshot may be there within a
        // millisecond, and the first calls must not be made without the rules that were in force.
        _memory.Recall();
    }

    /// <summary>The token may see other things than before: a blocked read of Consul KV would not notice.</summary>
    public void ReadAgain()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _kv?.Restart();
            }
        }
    }

    public void Detach(Upstream upstream) => _store.Detach(upstream);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _memory.Dispose();
        _life.Cancel();
        _fallBack.Dispose();
        _folder.Dispose();
        _reporter?.Dispose();
        _deskSource?.Dispose();
        _kv?.Dispose();
        _files?.Dispose();
        _desk?.Dispose();
        _store.Dispose();
        _life.Dispose();
    }

    private static bool IsBypassed() => string.Equals(
        Environment.GetEnvironmentVariable("MESH_MODE"), "bypass", StringComparison.OrdinalIgnoreCase);

    private KvReader Reader(ConsulClient consul) => new(consul, _options.Name, _options.Consul.Datacenter);

    /// <returns>False when it had begun before.</returns>
    private bool StartLocked()
    {
        if (_started)
        {
            return false;
        }

        _started = true;
        if (!(_store.HasLiveSource || _store.HasFolder) || IsBypass)
        {
            // Nobody will say a first word, or nobody waits for it.
            Own.Settle();
        }

        _ = BackgroundWork.Start("policy", StartAsync, _logger, _life.Token);
        return true;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before any source is asked: one that lists nothing about this process's door, because it may not or does not know
        // how to, must not be heard as the first to speak of it.
        _memory.Recall();
        var finder = new DeskFinder(_options, _consul, Trust, _isDevelopment, _time);
        var replicas = await finder.FindAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            if (_files is not null)
            {
                _folder.Change(_store.HasLiveSource ? FolderAfter : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }

            if (replicas.Count > 0)
            {
                StartDeskLocked(replicas);
                return;
            }

            _kv?.Start();
        }

        await SeekAsync(finder, cancellationToken).ConfigureAwait(false);
    }

    private void UseFolder()
    {
        lock (_gate)
        {
            if (!_disposed && _store.Status is { Age: null, Documents.Count: 0 })
            {
                _files?.Start();
            }
        }
    }
}
