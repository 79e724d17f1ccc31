using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client.Attempts;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection;

/// <summary>Describes the mesh of this process.</summary>
internal sealed class ProcessInspector(InspectionSources sources)
{
    /// <summary>Upstreams in one answer; whoever has more asks for one by name.</summary>
    public const int MostUpstreams = 50;

    private readonly UpstreamInspector _upstreams = new(sources);
    private readonly SecurityInspector _security = new(sources);

    /// <param name="upstream">Only this one; <see langword="null"/> for all.</param>
    /// <param name="offset">Endpoints of each upstream to leave out first.</param>
    /// <param name="limit">Endpoints of each upstream to show.</param>
    public ProcessView Describe(string? upstream, int offset, int limit)
    {
        var self = sources.Self;
        var status = sources.Feeds.Policy.Status;
        var all = sources.Runtime.Upstreams.Where(u => upstream is null || u.Name == upstream)
            .OrderBy(u => u.Name, StringComparer.Ordinal).ToArray();
        return new ProcessView
        {
            Now = sources.Time.GetUtcNow(),
            Mesh = self.Mesh,
            Service = self.Service,
            Instance = self.Instance,
            Version = self.Version,
            Zone = self.Zone,
            Mode = sources.Feeds.Policy.IsBypass ? "bypass" : "normal",
            Draining = sources.Drain?.IsDraining == true,
            RequestsInFlight = sources.Drain?.InFlight,
            Identity = _security.Identity(),
            Door = _security.Door(),
            Registration = Registration(),
            Consul = Registry(),
            Policy = Policy(status),
            Switches = [.. status.SwitchesInForce.Select(Switch)],
            Retries = new RetriesView
            {
                Running = ProcessRetries.Shared.Running,
                Limit = ProcessRetries.Shared.Limit,
                ReplayBytes = ReplayMemory.Shared.Used,
                ReplayBytesLimit = ReplayMemory.Shared.Limit,
            },
            Clients = [.. sources.Clients.All.Select(Client)],
            Upstreams = [.. all.Take(MostUpstreams).Select(u => _upstreams.Describe(u, offset, limit))],
            UpstreamsLeftOut = Math.Max(0, all.Length - MostUpstreams),
        };
    }

    public static SwitchView Switch(SwitchInForce thrown) => new()
    {
        Source = thrown.Source,
        What = [.. thrown.Words],
        By = thrown.By,
        Why = thrown.Why,
        Until = thrown.Until,
        Upstreams = thrown.Upstreams,
    };

    public static ClientView Client(MeshClientSight client) => new()
    {
        Name = client.Name,
        Meshed = client.Settings is not null,
        Retries = client.Settings is { RetriesOff: false },
        Reason = client.Reason,
    };

    private RegistrationView? Registration()
    {
        if (sources.Registration?.Sight is not { } sight)
        {
            return null;
        }

        return new RegistrationView
        {
            State = sight.State,
            Id = sight.Id,
            SinceSeconds = Elapsed(sight.Since),
            HeardSeconds = Elapsed(sight.HeardAt),
            Check = sight.Check,
            Problem = sight.Problem,
        };
    }

    private double? Elapsed(long? timestamp) =>
        timestamp is { } at ? Figures.Seconds(sources.Time.GetElapsedTime(at)) : null;

    private RegistryView Registry()
    {
        var discovery = sources.Feeds.Discovery;
        return new RegistryView
        {
            Used = discovery is not null,
            LostSeconds = Figures.Seconds(discovery?.LostFor ?? TimeSpan.Zero),
            Reason = discovery?.LostReason,
            BlockingQueries = sources.Consul?.Client.BlockingQueries ?? 0,
            BlockingQueriesAllowed = sources.Options.Consul.MaxBlockingQueries,
            SharedWatch = discovery?.IsShared == true,
        };
    }

    private static PolicyView Policy(PolicyStatus status) => new()
    {
        Source = PolicyBook.Word(status.Source),
        Hash = status.Hash,
        AgeSeconds = Figures.Seconds(status.Age),
        Documents = [.. status.Documents.Select(d => Document(d, status.Orphaned.Contains(d.Key)))],
    };

    private static DocumentView Document(ClientDocumentReport report, bool orphaned) => new()
    {
        Key = report.Key.ToString(),
        Revision = report.Revision.ToString(),
        State = report.State switch
        {
            ClientDocumentState.Refused => "refused",
            ClientDocumentState.IgnoredParts => "ignored-parts",
            _ => "applied",
        },
        LastGood = report.LastGood?.ToString(),
        Orphaned = orphaned,
        Problems = [.. report.Problems.Select(p => p.ToString())],
        Ignored = [.. report.Ignored.Select(p => p.ToString())],
    };
}
