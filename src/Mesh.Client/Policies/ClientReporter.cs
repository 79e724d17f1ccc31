using System.Reflection;
using Mesh.Client.Pipeline;
using Mesh.Client.Security;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Tells the desk what this process runs: soon after a change, and every half a minute, so that the desk knows who is
/// alive. A report that does not arrive is forgotten.
/// </summary>
internal sealed class ClientReporter : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly string Library =
        typeof(ClientReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "0";

    private readonly DeskClient _desk;
    private readonly PolicyStore _store;
    private readonly MeshSelf _self;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly ClientVocabulary _understands;
    private readonly DateTimeOffset _startedAt;
    private readonly CancellationTokenSource _life = new();
    private readonly SemaphoreSlim _changed = new(0, 1);

    public ClientReporter(
        DeskClient desk,
        PolicyStore store,
        MeshSelf self,
        TimeProvider time,
        Random random,
        IReadOnlyList<string> algorithms,
        ILogger<ClientReporter> logger)
    {
        _understands = PolicyVocabulary.Of(algorithms);
        (_desk, _store, _self, _time, _random, _logger) = (desk, store, self, time, random, logger);
        _startedAt = time.GetUtcNow();
        _store.Changed += Wake;
    }

    /// <summary>The door of this process, when it has one.</summary>
    public IDoorSight? Door { get; init; }

    public void Start() =>
        _ = BackgroundWork.Keep("policy reports", RunAsync, _time, _random, _logger, _life.Token);

    public void Dispose()
    {
        _store.Changed -= Wake;
        _life.Cancel();
        _life.Dispose();
    }

    /// <summary>Reports soon: what this process runs, or calls, is other than it said.</summary>
    public void Wake()
    {
        lock (_changed)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // A change concerns the whole fleet at once: jitter keeps the reports apart.
            await Task.Delay(Soon * _random.NextDouble(), _time, cancellationToken).ConfigureAwait(false);
            await ReportAsync(cancellationToken).ConfigureAwait(false);
            var pause = Every * (0.8 + (_random.NextDouble() * 0.4));
            await WaitForChangeAsync(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitForChangeAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            await _changed.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing changed: the desk only wants to know that we are alive.
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _desk.ReportAsync(Report(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutException)
        {
            PolicyLog.ReportFailed(_logger, _desk.Address, error.Message);
        }
    }

    private ClientReport Report()
    {
        var status = _store.Status;
        return new ClientReport
        {
            Instance = _self.Instance,
            Service = _self.Service,
            Node = Environment.MachineName,
            Zone = _self.Zone,
            Version = _self.Version,
            Library = Library,
            StartedAt = _startedAt,
            Source = status.Source,
            Hash = status.Hash,
            Documents = status.Documents,
            Switches = status.Switches,
            Upstreams = _store.Upstreams,
            Understands = _understands,
            Inbound = Door?.Look(),
        };
    }
}
