using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Transport;

namespace Mesh.Client.Telemetry;

/// <summary>
/// Every instrument of the mesh. Each method costs one comparison while nobody listens; names and units are in
/// <see cref="MeshTelemetry"/>.
/// </summary>
internal sealed class MeshInstruments
{
    // As the platform's own http.client.request.duration, but ended at 10 s.
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly string[] TlsWords = ["none", "server", "mutual"];

    private readonly Histogram<double> _requests;
    private readonly Histogram<double> _attempts;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _bypassed;
    private readonly Counter<long> _connectionsOpened;
    private readonly Counter<long> _connectionsNotSecured;
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _ejectionsWithheld;
    private readonly Counter<long> _panics;
    private readonly Counter<long> _discoveryUpdates;
    private readonly Counter<long> _policyUpdates;
    private readonly Counter<long> _peerRefusals;
    private readonly Counter<long> _identityUpdates;
    private readonly Counter<long> _identityFailures;

    public MeshInstruments(IMeterFactory meters)
    {
        Meter = meters.Create(MeshTelemetry.MeterName);
        _requests = Meter.CreateHistogram(
            MeshTelemetry.RequestDuration, "s", "Calls, from start to response headers.", tags: null, Buckets);
        _attempts = Meter.CreateHistogram(
            MeshTelemetry.AttemptDuration, "s", "Attempts, from start to response headers.", tags: null, Buckets);
        _retries = Meter.CreateCounter<long>(MeshTelemetry.Retries, "{retry}", "Retries made.");
        _decisions = Meter.CreateCounter<long>(
            MeshTelemetry.Decisions, "{decision}", "Decisions that changed what became of a call.");
        _bypassed = Meter.CreateCounter<long>(
            MeshTelemetry.Bypassed, "{call}", "Calls to services of the mesh by clients the mesh knows nothing of.");
        _connectionsOpened = Meter.CreateCounter<long>(
            MeshTelemetry.ConnectionsOpened, "{connection}", "Connections opened to endpoints.");
        _connectionsNotSecured = Meter.CreateCounter<long>(
            MeshTelemetry.ConnectionsNotSecured, "{connection}", "Connections that could not be made secure.");
        _ejections = Meter.CreateCounter<long>(
            MeshTelemetry.EndpointEjections, "{ejection}", "Endpoints taken out for a while.");
        _ejectionsWithheld = Meter.CreateCounter<long>(
            MeshTelemetry.EjectionsWithheld, "{ejection}", "Endpoints not taken out because enough were out already.");
        _panics = Meter.CreateCounter<long>(
            MeshTelemetry.Panics, "{panic}", "Times that so few endpoints were fit that unfit ones were used too.");
        _discoveryUpdates = Meter.CreateCounter<long>(
            MeshTelemetry.DiscoveryUpdates, "{update}", "Answers of a source of endpoints.");
        _policyUpdates = Meter.CreateCounter<long>(MeshTelemetry.PolicyUpdates, "{update}", "Policies received.");
        _peerRefusals = Meter.CreateCounter<long>(
            MeshTelemetry.PeerRefusals, "{connection}", "Peers refused by their certificate.");
        _identityUpdates = Meter.CreateCounter<long>(
            MeshTelemetry.IdentityUpdates, "{update}", "Identities put into force.");
        _identityFailures = Meter.CreateCounter<long>(
            MeshTelemetry.IdentityFailures, "{failure}", "Failures to obtain or renew the identity.");
    }

    /// <summary>The meter, for observable instruments of those who own what is observed.</summary>
    public Meter Meter { get; }

    /// <summary>Somebody listens to the durations, so that the words for their tags are worth finding.</summary>
    public bool MeasuresRequests => _requests.Enabled;

    /// <inheritdoc cref="MeasuresRequests"/>
    public bool MeasuresAttempts => _attempts.Enabled;

    /// <summary>A call ended. An <paramref name="error"/> of <see langword="null"/> means that it went well.</summary>
    public void Request(double seconds, string service, string route, int statusCode, string? error)
    {
        if (_requests.Enabled)
        {
            var tags = new TagList { { MeshTelemetry.ServiceTag, service }, { MeshTelemetry.RouteTag, route } };
            Describe(ref tags, statusCode, error);
            _requests.Record(seconds, tags);
        }
    }

    /// <summary>An attempt ended.</summary>
    public void Attempt(double seconds, string service, string outcome, int statusCode, string? error)
    {
        if (_attempts.Enabled)
        {
            var tags = new TagList { { MeshTelemetry.ServiceTag, service }, { MeshTelemetry.OutcomeTag, outcome } };
            Describe(ref tags, statusCode, error);
            _attempts.Record(seconds, tags);
        }
    }

    /// <summary>A retry made for <paramref name="reason"/> ended with <paramref name="outcome"/>.</summary>
    public void Retry(string service, string reason, string outcome)
    {
        MeshReasons.Check(reason);
        if (_retries.Enabled)
        {
            _retries.Add(1, new TagList
            {
                { MeshTelemetry.ServiceTag, service },
                { MeshTelemetry.ReasonTag, reason },
                { MeshTelemetry.OutcomeTag, outcome },
            });
        }
    }

    /// <summary>The mesh changed what became of a call. Both words come from closed lists.</summary>
    public void Decision(string service, string decision, string reason)
    {
        MeshReasons.Check(reason);
        if (_decisions.Enabled)
        {
            _decisions.Add(1, new TagList
            {
                { MeshTelemetry.ServiceTag, service },
                { MeshTelemetry.DecisionTag, decision },
                { MeshTelemetry.ReasonTag, reason },
            });
        }
    }

    /// <summary>Clients the mesh knows nothing of called a service of the mesh.</summary>
    public void Bypassed(string service, long calls)
    {
        if (calls > 0 && _bypassed.Enabled)
        {
            _bypassed.Add(calls, new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, service));
        }
    }

    /// <summary>A connection was opened.</summary>
    public void ConnectionOpened(string service, ConnectionTls tls, bool http2)
    {
        if (_connectionsOpened.Enabled)
        {
            _connectionsOpened.Add(1, new TagList
            {
                { MeshTelemetry.ServiceTag, service },
                { MeshTelemetry.TlsTag, TlsWords[(int)tls] },
                { MeshTelemetry.ProtocolVersionTag, http2 ? "2" : "1.1" },
            });
        }
    }

    /// <summary>A connection could not be made secure.</summary>
    public void ConnectionNotSecured(string service, string reason)
    {
        MeshReasons.Check(reason);
        if (_connectionsNotSecured.Enabled)
        {
            _connectionsNotSecured.Add(
                1,
                new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, service),
                new KeyValuePair<string, object?>(MeshTelemetry.ReasonTag, reason));
        }
    }

    /// <summary>An endpoint was ejected.</summary>
    public void Ejection(string service, string reason)
    {
        MeshReasons.Check(reason);
        if (_ejections.Enabled)
        {
            _ejections.Add(
                1,
                new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, service),
                new KeyValuePair<string, object?>(MeshTelemetry.ReasonTag, reason));
        }
    }

    /// <summary>An endpoint would have been ejected, had not as many been out already as may be.</summary>
    public void EjectionWithheld(string service, string reason)
    {
        MeshReasons.Check(reason);
        if (_ejectionsWithheld.Enabled)
        {
            _ejectionsWithheld.Add(
                1,
                new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, service),
                new KeyValuePair<string, object?>(MeshTelemetry.ReasonTag, reason));
        }
    }

    /// <summary>An upstream, or a subset of it, went into panic.</summary>
    public void Panic(string service)
    {
        if (_panics.Enabled)
        {
            _panics.Add(1, new KeyValuePair<string, object?>(MeshTelemetry.ServiceTag, service));
        }
    }

    /// <summary>A source of endpoints answered.</summary>
    /// <param name="service">The service asked for.</param>
    /// <param name="source">Who answered, e.g. <c>consul</c>.</param>
    /// <param name="result">What became of the answer, e.g. <c>applied</c>, <c>unchanged</c>, <c>doubted</c>, <c>failed</c>.</param>
    public void DiscoveryUpdate(string service, string source, string result)
    {
        if (_discoveryUpdates.Enabled)
        {
            _discoveryUpdates.Add(1, new TagList
            {
                { MeshTelemetry.ServiceTag, service },
                { MeshTelemetry.SourceTag, source },
                { MeshTelemetry.ResultTag, result },
            });
        }
    }

    /// <summary>A policy document came.</summary>
    /// <param name="source">Who sent it, e.g. <c>desk</c>, <c>kv</c>, <c>file</c>, <c>snapshot</c>.</param>
    /// <param name="result">What became of it, e.g. <c>applied</c>, <c>refused</c>, <c>orphaned</c>.</param>
    public void PolicyUpdate(string source, string result)
    {
        if (_policyUpdates.Enabled)
        {
            _policyUpdates.Add(
                1,
                new KeyValuePair<string, object?>(MeshTelemetry.SourceTag, source),
                new KeyValuePair<string, object?>(MeshTelemetry.ResultTag, result));
        }
    }

    /// <summary>A peer was refused by its certificate.</summary>
    public void PeerRefused(string reason)
    {
        MeshReasons.Check(reason);
        if (_peerRefusals.Enabled)
        {
            _peerRefusals.Add(1, new KeyValuePair<string, object?>(MeshTelemetry.ReasonTag, reason));
        }
    }

    /// <summary>An identity was put into force.</summary>
    /// <param name="source">Where it comes from, e.g. <c>consul</c>.</param>
    /// <param name="result"><c>leaf</c> or <c>roots</c>.</param>
    public void IdentityUpdate(string source, string result)
    {
        if (_identityUpdates.Enabled)
        {
            _identityUpdates.Add(
                1,
                new KeyValuePair<string, object?>(MeshTelemetry.SourceTag, source),
                new KeyValuePair<string, object?>(MeshTelemetry.ResultTag, result));
        }
    }

    /// <summary>An identity could not be obtained or renewed.</summary>
    public void IdentityFailure(string source, string reason)
    {
        MeshReasons.Check(reason);
        if (_identityFailures.Enabled)
        {
            _identityFailures.Add(
                1,
                new KeyValuePair<string, object?>(MeshTelemetry.SourceTag, source),
                new KeyValuePair<string, object?>(MeshTelemetry.ReasonTag, reason));
        }
    }

    private static void Describe(ref TagList tags, int statusCode, string? error)
    {
        if (statusCode != 0)
        {
            tags.Add(MeshTelemetry.StatusCodeTag, StatusCodeTags.For(statusCode));
        }

        if (error is not null)
        {
            tags.Add(MeshTelemetry.ErrorTypeTag, error);
        }
    }
}
