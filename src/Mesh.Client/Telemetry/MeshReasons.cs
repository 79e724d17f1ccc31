using System.Collections.Frozen;
using System.Diagnostics;

namespace Mesh.Client;

/// <summary>
/// Every word the mesh gives as a reason: the tag <c>mesh.reason</c>, the field <c>Reason</c> of log lines, the header
/// <c>mesh-reason</c>, and <see cref="MeshException.Reason"/> in words. The list is closed, and a word never changes its
/// meaning: alerts and log searches may rely on it.
/// </summary>
public static class MeshReasons
{
    // Why a call failed. MeshFailureReason has the same, as an enumeration.

    /// <summary>The registry has never heard of the service.</summary>
    public const string UnknownService = "unknown_service";

    /// <summary>The service is known but has no endpoint that may be used.</summary>
    public const string NoEndpoints = "no_endpoints";

    /// <summary>The route's subset has no endpoint, and no other subset stands in for it.</summary>
    public const string EmptySubset = "empty_subset";

    /// <summary>No connection to an endpoint could be made; nothing was sent.</summary>
    public const string ConnectFailed = "connect_failed";

    /// <summary>The endpoint broke the connection or stream before its response headers.</summary>
    public const string Reset = "reset";

    /// <summary>The peer refused the request before processing it.</summary>
    public const string Refused = "refused";

    /// <summary>The call's deadline passed, or leaves no time for another attempt.</summary>
    public const string Deadline = "deadline";

    /// <summary>The endpoint answered in a way HTTP does not allow.</summary>
    public const string ProtocolError = "protocol_error";

    /// <summary>What answered at the endpoint's address did not prove to be an endpoint of the service.</summary>
    public const string UnprovenPeer = "unproven_peer";

    /// <summary>The endpoint, or policy, asks for an identity, and this process has none.</summary>
    public const string NoIdentity = "no_identity";

    /// <summary>The endpoint speaks plaintext only, and that is not accepted.</summary>
    public const string PlaintextRefused = "plaintext_refused";

    // What else may become of an attempt, and be the reason of a retry or of a line in the access log.

    /// <summary>The time of one attempt passed.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>502, 503, 504, or gRPC UNAVAILABLE.</summary>
    public const string GatewayError = "gateway_error";

    /// <summary>Any other 5xx, or gRPC INTERNAL, UNKNOWN, DATA_LOSS.</summary>
    public const string ServerError = "server_error";

    /// <summary>
    /// 429, or gRPC RESOURCE_EXHAUSTED; or a member that has more to do than it can, and turned the request away before its
    /// application saw it.
    /// </summary>
    public const string Overloaded = "overloaded";

    /// <summary>The response body broke after its headers.</summary>
    public const string BodyBroken = "body_broken";

    /// <summary>A status that says nothing about the endpoint, but that the policy names.</summary>
    public const string Status = "status";

    /// <summary>The caller gave up.</summary>
    public const string Cancelled = "cancelled";

    // Why an attempt was, or was not, followed by another.

    /// <summary>The mesh retired the transport between pick and send.</summary>
    public const string Retired = "retired";

    /// <summary>All attempts the policy allows were made.</summary>
    public const string Attempts = "attempts";

    /// <summary>The body cannot be sent again.</summary>
    public const string Body = "body";

    /// <summary>The retry budget of the upstream is empty.</summary>
    public const string Budget = "budget";

    /// <summary>Another handler of the client, or the request itself, reserves retries for somebody else.</summary>
    public const string NotOurs = "not_ours";

    /// <summary>A gRPC server asked not to be called again.</summary>
    public const string Pushback = "pushback";

    /// <summary>The server asked for a longer pause than a call should wait.</summary>
    public const string RetryAfter = "retry_after";

    /// <summary>The request may have been executed, and repeating it is not provably safe.</summary>
    public const string Unsafe = "unsafe";

    // Why a call was passed on, and why an endpoint became suspect.

    /// <summary>No source of endpoints has answered yet.</summary>
    public const string NoAnswer = "no_answer";

    /// <summary>Nobody listens at the endpoint's address.</summary>
    public const string ConnectRefused = "connect_refused";

    /// <summary>The endpoint is about to stop.</summary>
    public const string Draining = "draining";

    // Why a request was refused by the one it was sent to; "deadline" and "overloaded" are others.

    /// <summary>The caller has used up its rate.</summary>
    public const string RateLimited = "rate_limited";

    // Why something a request said for its hop was not heeded.

    /// <summary>It could not be read.</summary>
    public const string Malformed = "malformed";

    // Why a connection was not made secure; the words for what is wrong with a certificate are among these.

    /// <summary>A good certificate of our mesh, but of another service or datacenter than the one called.</summary>
    public const string WrongPeer = "wrong_peer";

    // Why an endpoint was ejected.

    /// <summary>Failures in a row, of whatever kind.</summary>
    public const string ConsecutiveFailures = "consecutive_failures";

    /// <summary>Failed connects in a row.</summary>
    public const string ConnectFailures = "connect_failures";

    /// <summary>The single call that tried it after an ejection failed.</summary>
    public const string ProbeFailed = "probe_failed";

    // Why a service denied a request.

    /// <summary>An intention of the registry, or that there is none, denies the caller.</summary>
    public const string Intention = "intention";

    /// <summary>A rule of <c>inbound.authorization</c> denies the request.</summary>
    public const string Authorization = "authorization";

    /// <summary>A rule about paths applies, and the request's path can be read in more than one way.</summary>
    public const string AmbiguousPath = "ambiguous_path";

    /// <summary>The caller proved no identity, and intentions are enforced.</summary>
    public const string Unidentified = "unidentified";

    // Why else an endpoint is not used, in views.

    /// <summary>The registry no longer lists the endpoint, and that is not believed yet.</summary>
    public const string Vanished = "vanished";

    /// <summary>The endpoint's ejection is over, and no call has tried it yet.</summary>
    public const string AwaitsProbe = "awaits_probe";

    /// <summary>One call is trying the endpoint after its ejection.</summary>
    public const string Probing = "probing";

    /// <summary>A health check of the registry is critical.</summary>
    public const string Critical = "critical";

    /// <summary>An operator, or the endpoint itself, put it into maintenance.</summary>
    public const string Maintenance = "maintenance";

    // Why the registry is lost, in views; "acl" is the other one.

    /// <summary>The registry cannot be reached, or does not answer as it should.</summary>
    public const string RegistryLost = "registry_lost";

    // Why the door of a service refuses a connection or a request.

    /// <summary>The request came without TLS of the mesh, or brought no certificate, where inbound.tls is strict.</summary>
    public const string Plaintext = "plaintext";

    /// <summary>TLS was begun and not finished: no version or protocol in common, silence, or not TLS at all.</summary>
    public const string Handshake = "handshake";

    /// <summary>The request claims another scheme than its connection has.</summary>
    public const string Scheme = "scheme";

    /// <summary>A request's body came more slowly than the server's minimum rate.</summary>
    public const string SlowBody = "slow_body";

    /// <summary>The endpoint is for certain callers of the mesh, and this is none of them.</summary>
    public const string Caller = "caller";

    // Why an absence is not believed.

    /// <summary>The answer was empty.</summary>
    public const string Empty = "empty";

    /// <summary>More than half of four or more endpoints vanished at once.</summary>
    public const string Shrunk = "shrunk";

    /// <summary>The registry's index went backwards.</summary>
    public const string Regressed = "regressed";

    /// <summary>The token may not read what it is asked for.</summary>
    public const string Acl = "acl";

    /// <summary>A document is gone, and nothing proves that it was deleted.</summary>
    public const string Unproven = "unproven";

    // Why a peer is refused by its certificate.

    /// <summary>The peer brought no certificate.</summary>
    public const string PeerNoCertificate = "peer_no_certificate";

    /// <summary>The peer's certificate, or one it came with, cannot be read.</summary>
    public const string PeerMalformed = "peer_malformed";

    /// <summary>The peer's certificate names no URI, so no SPIFFE ID.</summary>
    public const string PeerNoId = "peer_no_id";

    /// <summary>The peer's certificate names several URIs.</summary>
    public const string PeerManyIds = "peer_many_ids";

    /// <summary>The URI of the peer's certificate is no valid SPIFFE ID.</summary>
    public const string PeerBadId = "peer_bad_id";

    /// <summary>The peer brought the certificate of an authority.</summary>
    public const string PeerIsAuthority = "peer_is_authority";

    /// <summary>The key usage of the peer's certificate lacks digitalSignature, or is an authority's.</summary>
    public const string PeerKeyUsage = "peer_key_usage";

    /// <summary>The peer's certificate, or one it builds on, is not for both TLS server and TLS client.</summary>
    public const string PeerExtendedKeyUsage = "peer_extended_key_usage";

    /// <summary>No roots of the peer's trust domain are known.</summary>
    public const string PeerUnknownTrustDomain = "peer_unknown_trust_domain";

    /// <summary>The peer's certificate, or one it builds on, is not valid yet by the clock of this machine.</summary>
    public const string PeerNotYetValid = "peer_not_yet_valid";

    /// <summary>The peer's certificate, or one it builds on, has expired.</summary>
    public const string PeerExpired = "peer_expired";

    /// <summary>The peer's certificate does not lead to a root of its own trust domain.</summary>
    public const string PeerUntrusted = "peer_untrusted";

    // Why there is no identity, or no new one; also those of a certificate that peers would refuse.

    /// <summary>The registry has no authority for certificates.</summary>
    public const string ConnectDisabled = "connect_disabled";

    /// <summary>The authority signs no more certificates for now.</summary>
    public const string AuthorityBusy = "authority_busy";

    /// <summary>A file is missing or half-written, or holds something else than it should.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The private key is not that of the certificate.</summary>
    public const string KeyMismatch = "key_mismatch";

    /// <summary>This process's certificate expired before another one came.</summary>
    public const string IdentityExpired = "identity_expired";

    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal,
        UnknownService, NoEndpoints, EmptySubset, ConnectFailed, Reset, Refused, Deadline, ProtocolError,
        UnprovenPeer, NoIdentity, PlaintextRefused, WrongPeer,
        TimedOut, GatewayError, ServerError, Overloaded, BodyBroken, Status, Cancelled,
        Retired, Attempts, Body, Budget, NotOurs, Pushback, RetryAfter, Unsafe,
        NoAnswer, ConnectRefused, Draining, RateLimited, Malformed,
        ConsecutiveFailures, ConnectFailures, ProbeFailed,
        Intention, Authorization, AmbiguousPath, Unidentified,
        Vanished, AwaitsProbe, Probing, Critical, Maintenance,
        RegistryLost,
        Plaintext, Handshake, Scheme, SlowBody, Caller,
        Empty, Shrunk, Regressed, Acl, Unproven,
        PeerNoCertificate, PeerMalformed, PeerNoId, PeerManyIds, PeerBadId, PeerIsAuthority, PeerKeyUsage,
        PeerExtendedKeyUsage, PeerUnknownTrustDomain, PeerNotYetValid, PeerExpired, PeerUntrusted,
        ConnectDisabled, AuthorityBusy, Unreadable, KeyMismatch, IdentityExpired);

    /// <summary>Every word, in no order.</summary>
    public static IReadOnlyCollection<string> All => Known;

    /// <summary>Stops a test of ours that makes the mesh give a reason that is not in the list.</summary>
    [Conditional("DEBUG")]
    internal static void Check(string reason) =>
        Debug.Assert(Known.Contains(reason), $"'{reason}' is not in MeshReasons: every reason users may search for is.");
}
