using Mesh.Client.Discovery;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// What this process believes, kept on disk so that it can start while Consul is down. Feeds record here; writing
/// happens a few seconds later, in the background, and on stop. Trouble with the disk is logged once and never felt
/// elsewhere.
/// </summary>
internal sealed partial class SnapshotStore : ITlsMemory, IDisposable
{
    /// <summary>Changes come in bursts (a deploy, a start): one write covers them.</summary>
    private static readonly TimeSpan Debounce = TimeSpan.FromSeconds(3);

    /// <summary>How far the times of confirmation on disk may lag when nothing else changes.</summary>
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(10);

    /// <summary>When a write that failed is tried again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly MeshSnapshotOptions _options;
    private readonly MeshSelf _self;
    private readonly SnapshotFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<SnapshotDocument> _loaded;
    private readonly ITimer _timer;

    // Guards the fields below. Held only to copy; reading and writing the file happen outside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset ConfirmedAt, IReadOnlyList<EndpointInfo> Endpoints)> _services = [];
    private readonly Dictionary<string, bool> _tls = new(StringComparer.Ordinal);
    private SnapshotPolicy? _policy;
    private SnapshotIntentions? _intentions;
    private long? _writtenAt;
    private bool _armed;
    private bool _dirty;

    // Serialises writers: the timer's and the one on stop.
    private readonly Lock _writing = new();
    private bool _complained;

    public SnapshotStore(
        MeshSnapshotOptions options, MeshSelf self, SnapshotFile file, TimeProvider time, ILogger<SnapshotStore> logger)
    {
        (_options, _self, _file, _time, _logger) = (options, self, file, time, logger);
        _loaded = new Lazy<SnapshotDocument>(Load);
        _timer = BackgroundWork.CreateTimer(time, Flush, logger);
    }

    /// <summary>
    /// What an earlier run knew of a service, unless it is too old. Reads the file on first use: not for the call path.
    /// </summary>
    public IReadOnlyList<EndpointInfo>? FindEndpoints(string service) =>
        _loaded.Value.Services.TryGetValue(service, out var found) && found is { Endpoints.Length: > 0 } &&
        IsFresh(found.ConfirmedAt)
            ? [.. found.Endpoints.Where(e => e.IsUsable).DistinctBy(e => e.Id).Select(e => e.ToInfo())]
            : null;

    /// <summary>An earlier run, or this one, has seen the service with TLS. Reads the file on first use.</summary>
    public bool WasSeenWithTls(string service)
    {
        lock (_gate)
        {
            if (_tls.TryGetValue(service, out var seen))
            {
                return seen;
            }
        }

        return _loaded.Value.SeenWithTls.Contains(service);
    }

    public void RecordTls(string service, bool seen)
    {
        lock (_gate)
        {
            if (!_tls.TryGetValue(service, out var before) || before != seen)
            {
                _tls[service] = seen;
                TouchLocked(changed: true);
            }
        }
    }

    /// <summary>
    /// The documents in force when an earlier run ended, unless they are too old. Those about security never are: a
    /// process that was off for long must not come back with its door open.
    /// </summary>
    public IReadOnlyList<SnapshotText>? FindDocuments()
    {
        if (_loaded.Value.Policy is not { } policy || IsFresh(policy.ConfirmedAt))
        {
            return _loaded.Value.Policy?.Documents;
        }

        SnapshotText[] security = [.. policy.Documents.Where(d => d.IsOfSecurity)];
        return security.Length > 0 ? security : null;
    }

    /// <summary>
    /// Who might call this service when an earlier run ended. However old: time that passes must not let anybody in.
    /// </summary>
    public SnapshotIntentions? FindIntentions() =>
        _loaded.Value.Intentions is { Intentions: not null } found ? found : null;

    /// <summary>Who may call this service.</summary>
    /// <param name="intentions">All that is in force.</param>
    /// <param name="changed">False when only the time moved on.</param>
    public void RecordIntentions(SnapshotIntentions intentions, bool changed)
    {
        lock (_gate)
        {
            _intentions = intentions;
            TouchLocked(changed);
        }
    }

    /// <summary>The endpoints of a service as they are believed now.</summary>
    /// <param name="service">The service.</param>
    /// <param name="endpoints">Kept by reference; an immutable set.</param>
    /// <param name="confirmedAt">When the registry said so.</param>
    /// <param name="changed">False when only the time moved on.</param>
    public void RecordEndpoints(
        string service, IReadOnlyList<EndpointInfo> endpoints, DateTimeOffset confirmedAt, bool changed)
    {
        lock (_gate)
        {
            _services[service] = (confirmedAt, endpoints);
            TouchLocked(changed);
        }
    }

    /// <summary>The documents in force.</summary>
    /// <param name="documents">All of them.</param>
    /// <param name="confirmedAt">When their source said so.</param>
    /// <param name="changed">False when only the time moved on.</param>
    public void RecordDocuments(IReadOnlyList<SnapshotText> documents, DateTimeOffset confirmedAt, bool changed)
    {
        lock (_gate)
        {
            _policy = new SnapshotPolicy(confirmedAt, [.. documents]);
            TouchLocked(changed);
        }
    }

    /// <summary>Writes now what is not written yet. Never throws.</summary>
    public void Flush()
    {
        lock (_writing)
        {
            if (Take() is not { } document)
            {
                return;
            }

            try
            {
                _file.Write(document);
                _complained = false;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (!_complained)
                {
                    _complained = true;
                    Log.NotWritten(_logger, _file.Path!, error.Message);
                }

                TryAgainLater();
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Flush();
    }

    private void TouchLocked(bool changed)
    {
        if (!_options.Enabled || _file.Path is null)
        {
            return;
        }

        _dirty = true;
        if (!_armed && (changed || _writtenAt is not { } at || _time.GetElapsedTime(at) > RefreshAfter))
        {
            _armed = true;
            _timer.Change(Debounce, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A full disk is emptied some time, and nothing may change until then.</summary>
    private void TryAgainLater()
    {
        lock (_gate)
        {
            _dirty = true;
            if (!_armed)
            {
                _armed = true;
                _timer.Change(RetryAfter, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private SnapshotDocument? Take()
    {
        // Services this run has not called yet are carried over, or a second start without Consul would lose them.
        var services = _loaded.Value.Services.Where(s => IsFresh(s.Value.ConfirmedAt)).ToDictionary();
        lock (_gate)
        {
            _armed = false;
            if (!_dirty)
            {
                return null;
            }

            _dirty = false;
            _writtenAt = _time.GetTimestamp();
            foreach (var (name, (confirmedAt, endpoints)) in _services)
            {
                services[name] = new SnapshotService(confirmedAt, [.. endpoints.Select(SnapshotEndpoint.From)]);
            }

            return new SnapshotDocument
            {
                Schema = SnapshotDocument.CurrentSchema,
                Mesh = _self.Mesh,
                Service = _self.Service,
                WrittenAt = _time.GetUtcNow(),
                Services = services,
                Policy = _policy ?? _loaded.Value.Policy,
                SeenWithTls =
                [
                    .. _loaded.Value.SeenWithTls.Where(s => !_tls.ContainsKey(s))
                        .Concat(_tls.Where(s => s.Value).Select(s => s.Key)).Order(StringComparer.Ordinal),
                ],
                Intentions = _intentions ?? _loaded.Value.Intentions,
            };
        }
    }

    private SnapshotDocument Load()
    {
        if (!_options.Enabled)
        {
            return new SnapshotDocument();
        }

        try
        {
            return _file.Read() ?? new SnapshotDocument();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.Ignored(_logger, _file.Path!, error.Message);
            return new SnapshotDocument();
        }
    }

    /// <summary>Neither too old nor from a future that only a moved clock explains.</summary>
    private bool IsFresh(DateTimeOffset confirmedAt)
    {
        var age = _time.GetUtcNow() - confirmedAt;
        return age <= _options.MaxAge && age >= -_options.MaxAge;
    }

    private static partial class Log
    {
        [LoggerMessage(1050, LogLevel.Warning, "The snapshot {Path} is ignored. {Error}")]
        public static partial void Ignored(ILogger logger, string path, string error);

        [LoggerMessage(1051, LogLevel.Warning,
            "The snapshot {Path} cannot be written: this process could not start while Consul is down. Set " +
            "Mesh:Snapshot:Folder to a writable folder, or Mesh:Snapshot:Enabled to false. {Error}")]
        public static partial void NotWritten(ILogger logger, string path, string error);
    }
}
