namespace Mesh.Client;

/// <summary>
/// Names of the meter and the activity source of the mesh, and of everything they emit. They are stable: dashboards and
/// alerts may rely on them.
/// </summary>
public static class MeshTelemetry
{
    /// <summary>The meter: <c>AddMeter(MeshTelemetry.MeterName)</c>.</summary>
    public const string MeterName = "Mesh.Client";

    /// <summary>The activity source: <c>AddSource(MeshTelemetry.ActivitySourceName)</c>.</summary>
    public const string ActivitySourceName = "Mesh.Client";

    /// <summary>Histogram, s: a call from its start to its response headers, all attempts and pauses included.</summary>
    public const string RequestDuration = "mesh.client.request.duration";

    /// <summary>Histogram, s: one attempt from its start to its response headers.</summary>
    public const string AttemptDuration = "mesh.client.attempt.duration";

    /// <summary>Counter, {retry}: retries made, by the reason of the failure and by what became of the retry.</summary>
    public const string Retries = "mesh.client.retries";

    /// <summary>Gauge, {retry}: retries the budget of an upstream would allow right now.</summary>
    public const string RetryBudgetBalance = "mesh.client.retry_budget.balance";

    /// <summary>Counter, {decision}: decisions of the mesh that changed what became of a call.</summary>
    public const string Decisions = "mesh.client.decisions";

    /// <summary>Counter, {call}: calls to services of the mesh by clients the mesh knows nothing of.</summary>
    public const string Bypassed = "mesh.client.bypassed";

    /// <summary>
    /// Counter, {decision}: decisions about requests this process serves that changed what became of them: <c>refuse</c>,
    /// <c>would_refuse</c>, <c>ignore</c>.
    /// </summary>
    public const string InboundDecisions = "mesh.server.decisions";

    /// <summary>Gauge, {request}: requests that <c>inbound.concurrency</c> lets run at a time; no series without it.</summary>
    public const string ConcurrencyLimit = "mesh.server.concurrency.limit";

    /// <summary>Gauge, {request}: requests that run and have not begun to answer; no series without a limit.</summary>
    public const string ConcurrencyInFlight = "mesh.server.concurrency.in_flight";

    /// <summary>Gauge, s: how long work items wait for a thread of the pool; no series without a limit.</summary>
    public const string QueueDelay = "mesh.server.queue_delay";

    /// <summary>
    /// Counter, {connection}: connections opened to endpoints, by how they are protected (<c>mutual</c>, <c>server</c>,
    /// <c>none</c>) and by version of HTTP.
    /// </summary>
    public const string ConnectionsOpened = "mesh.client.connections.opened";

    /// <summary>Counter, {connection}: connections that could not be made secure, by reason; nothing was sent on them.</summary>
    public const string ConnectionsNotSecured = "mesh.client.connections.not_secured";

    /// <summary>Gauge, {endpoint}: endpoints of an upstream, by state.</summary>
    public const string Endpoints = "mesh.endpoints";

    /// <summary>Counter, {ejection}: endpoints taken out for a while, by reason.</summary>
    public const string EndpointEjections = "mesh.endpoint.ejections";

    /// <summary>Counter, {ejection}: endpoints not taken out because as many were out already as may be, by reason.</summary>
    public const string EjectionsWithheld = "mesh.endpoint.ejections_withheld";

    /// <summary>Counter, {panic}: times that so few endpoints were fit that unfit ones were used too.</summary>
    public const string Panics = "mesh.upstream.panics";

    /// <summary>Gauge: 1 while an upstream, or a subset of it, is in panic.</summary>
    public const string Panic = "mesh.upstream.panic";

    /// <summary>Counter, {update}: answers of a source of endpoints, by result.</summary>
    public const string DiscoveryUpdates = "mesh.discovery.updates";

    /// <summary>Gauge, s: time since the endpoints in force were last confirmed.</summary>
    public const string DiscoveryAge = "mesh.discovery.age";

    /// <summary>Gauge, s: how far this machine's clock is ahead of Consul's, exact to half a second.</summary>
    public const string ClockSkew = "mesh.clock.skew";

    /// <summary>The meter of the config server.</summary>
    public const string DeskMeterName = "Mesh.ConfigServer";

    /// <summary>Gauge, {client}: processes that report to this config server.</summary>
    public const string DeskClients = "mesh.desk.clients";

    /// <summary>
    /// Gauge, {document}: documents by state: <c>accepted</c>, <c>refused</c>, <c>orphaned</c>, <c>expired</c>.
    /// </summary>
    public const string DeskDocuments = "mesh.desk.documents";

    /// <summary>Counter, {event}: what was sent to clients, by kind: <c>snapshot</c>, <c>change</c>, <c>heartbeat</c>.</summary>
    public const string DeskEvents = "mesh.desk.events";

    /// <summary>
    /// Counter, {write}: changes asked for through this config server, by what became of them: <c>written</c>,
    /// <c>unchanged</c>, <c>refused</c>, <c>conflict</c>, <c>clients-cannot-obey</c>.
    /// </summary>
    public const string DeskWrites = "mesh.desk.writes";

    /// <summary>Counter, {update}: policies received, by result.</summary>
    public const string PolicyUpdates = "mesh.policy.updates";

    /// <summary>Gauge, always 1: the revision in force, as a tag.</summary>
    public const string PolicyInfo = "mesh.policy.info";

    /// <summary>Gauge, s: time since a source of policy was last heard.</summary>
    public const string PolicyAge = "mesh.policy.age";

    /// <summary>
    /// Gauge, {switch}: 1 for each lever thrown, by upstream, by what it turns off and by where it was thrown; no series
    /// when none is.
    /// </summary>
    public const string Switches = "mesh.switches";

    /// <summary>Counter, {connection}: peers refused by their certificate, in both directions, by reason.</summary>
    public const string PeerRefusals = "mesh.peer.refusals";

    /// <summary>Counter, {refusal}: connections and requests that the door of this process refused, by reason.</summary>
    public const string DoorRefusals = "mesh.door.refusals";

    /// <summary>
    /// Counter, {request}: requests let in whose caller proved no identity, by what they came over. They would be refused
    /// under <c>inbound.tls: strict</c>.
    /// </summary>
    public const string DoorUnidentified = "mesh.door.unidentified";

    /// <summary>Counter, {request}: requests that name another caller than their connection proved.</summary>
    public const string DoorMismatches = "mesh.door.mismatches";

    /// <summary>Gauge, {connection}: open connections, by what they are: <c>plaintext</c>, <c>tls</c>.</summary>
    public const string DoorConnections = "mesh.door.connections";

    /// <summary>Tag: what a connection is: <c>plaintext</c>, <c>tls</c>.</summary>
    public const string TransportTag = "mesh.transport";

    /// <summary>
    /// Gauge, s: time until this process's certificate expires; negative once it has. No series without one.
    /// </summary>
    public const string IdentityExpiry = "mesh.identity.expiry";

    /// <summary>
    /// Counter, {update}: identities put into force, by source and result: <c>leaf</c> for a certificate, <c>roots</c> when only
    /// the roots changed.
    /// </summary>
    public const string IdentityUpdates = "mesh.identity.updates";

    /// <summary>Counter, {failure}: attempts to obtain or renew the identity that failed, by source and reason.</summary>
    public const string IdentityFailures = "mesh.identity.failures";

    /// <summary>Tag: the service called.</summary>
    public const string ServiceTag = "mesh.service";

    /// <summary>
    /// Tag of decisions about who may call: the calling service as its certificate proves it, <c>unidentified</c> when it
    /// proved nothing, <c>others</c> beyond the first hundred.
    /// </summary>
    public const string CallerTag = "mesh.caller";

    /// <summary>Tag: the route the call took.</summary>
    public const string RouteTag = "mesh.route";

    /// <summary>Tag: the endpoint's id. On spans only.</summary>
    public const string EndpointTag = "mesh.endpoint";

    /// <summary>Tag: the subset the call went to. On spans only.</summary>
    public const string SubsetTag = "mesh.subset";

    /// <summary>Tag: the endpoint's failure domain. On spans only.</summary>
    public const string ZoneTag = "mesh.zone";

    /// <summary>Tag: what became of an attempt, a retry or a call: <c>success</c>, <c>reset</c>, <c>timed_out</c>, ...</summary>
    public const string OutcomeTag = "mesh.outcome";

    /// <summary>Tag: why, from a closed list of words.</summary>
    public const string ReasonTag = "mesh.reason";

    /// <summary>Tag: the seconds waited before another attempt. On events of spans only.</summary>
    public const string PauseTag = "mesh.pause";

    /// <summary>Tag: the rule that decided.</summary>
    public const string RuleTag = "mesh.rule";

    /// <summary>Tag: how much a request mattered: <c>critical_plus</c>, <c>critical</c>, <c>sheddable_plus</c>, <c>sheddable</c>.</summary>
    public const string CriticalityTag = "mesh.criticality";

    /// <summary>Tag: what was decided, from a closed list of words: <c>retry</c>, <c>no_retry</c>, <c>fail</c>, ...</summary>
    public const string DecisionTag = "mesh.decision";

    /// <summary>Tag: the state of endpoints: <c>ready</c>, <c>suspect</c>, <c>ejected</c>, ...</summary>
    public const string StateTag = "mesh.state";

    /// <summary>Tag: the result of an update: <c>applied</c>, <c>unchanged</c>, <c>refused</c>, ...</summary>
    public const string ResultTag = "mesh.result";

    /// <summary>Tag: who supplied endpoints or policy: <c>consul</c>, <c>static</c>, <c>snapshot</c>, <c>desk</c>, ...</summary>
    public const string SourceTag = "mesh.source";

    /// <summary>Tag: how a connection is protected: <c>mutual</c>, <c>server</c>, <c>none</c>.</summary>
    public const string TlsTag = "mesh.tls";

    /// <summary>Tag of OpenTelemetry: the version of HTTP.</summary>
    public const string ProtocolVersionTag = "network.protocol.version";

    /// <summary>Tag: what a switch turns off: <c>bypass</c>, <c>retry</c>, <c>eject</c>, ...</summary>
    public const string SwitchTag = "mesh.switch";

    /// <summary>Tag: where a switch was thrown: <c>global</c>, <c>service</c>, <c>caller</c>, <c>environment</c>.</summary>
    public const string ScopeTag = "mesh.scope";

    /// <summary>Tag: the revision of a policy.</summary>
    public const string RevisionTag = "mesh.policy.revision";

    /// <summary>Tag of OpenTelemetry: the status code of an answer.</summary>
    public const string StatusCodeTag = "http.response.status_code";

    /// <summary>Tag of OpenTelemetry: what failed.</summary>
    public const string ErrorTypeTag = "error.type";

    /// <summary>
    /// Tag of OpenTelemetry, on attempt spans: <c>http://orders/*</c>; with the path when <c>Mesh:Telemetry:Paths</c> allows it.
    /// </summary>
    public const string UrlTag = "url.full";

    /// <summary>Tag of OpenTelemetry, on attempt spans: how often the request was sent before.</summary>
    public const string ResendCountTag = "http.request.resend_count";

    /// <summary>Tag of OpenTelemetry, on attempt spans: the address that was dialled.</summary>
    public const string PeerAddressTag = "network.peer.address";

    /// <summary>Tag of OpenTelemetry, on attempt spans: the port that was dialled.</summary>
    public const string PeerPortTag = "network.peer.port";
}
