using System.Net.Http.Headers;
using Mesh.Client.Attempts;
using Mesh.Client.Routing;

namespace Mesh.Client.Pipeline;

/// <summary>
/// One call on its way: what was asked, where it goes, and the attempt that runs. Reused from call to call: a call that
/// ends synchronously allocates nothing, and one that waits pays for its async frame only. Used by one thread at a time,
/// but for <see cref="MayCutAttempt"/>.
/// </summary>
internal sealed class MeshCall : IDisposable
{
    /// <summary>What the running attempt changed in the request.</summary>
    public RequestDress Dress;

    private readonly CallServices _services;
    private readonly AttemptDeadline _deadline;
    private MeshEndpoint[] _tried = [];
    private HttpRequestHeaders? _ownHeaders;
    private CallDues _dues = new();
    private bool _watched;
    private bool _armed;
    private bool _limitsAttempt;

    public MeshCall(CallServices services)
    {
        _services = services;
        _deadline = new AttemptDeadline(services.Time, MayCutAttempt);
    }

    public MeshHandler Client { get; private set; } = null!;

    public HttpRequestMessage Request { get; private set; } = null!;

    public CancellationToken Caller { get; private set; }

    /// <summary>The application blocks its thread: <c>HttpClient.Send</c>.</summary>
    public bool IsSync { get; private set; }

    public CallServices Services => _services;

    public ServiceRuntime Runtime { get; private set; } = null!;

    public RetryPlan Retry { get; private set; } = null!;

    public string RouteName { get; private set; } = "";

    public EndpointGroup Group { get; private set; } = null!;

    public BodyTerms Terms { get; private set; } = null!;

    public bool IsGrpc { get; private set; }

    public bool Repeatable { get; private set; }

    public bool ProvenOnly { get; private set; }

    public string? HashKey { get; private set; }

    /// <summary>How much it matters, where anybody said so.</summary>
    public MeshCriticality? Criticality { get; private set; }

    /// <inheritdoc cref="CallDues.IsCallers"/>
    public bool DeadlineIsCallers => _dues.IsCallers;

    /// <inheritdoc cref="CallDues.IsServed"/>
    public bool DeadlineIsServed => _dues.IsServed;

    /// <summary>Timestamp of the call's start.</summary>
    public long Started { get; private set; }

    /// <summary>Timestamp of the running attempt's start.</summary>
    public long AttemptStarted { get; private set; }

    /// <summary>Attempts begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>Attempts that were repeated uncounted.</summary>
    public int Free { get; set; }

    /// <summary>The running attempt's endpoint.</summary>
    public MeshEndpoint Endpoint { get; private set; } = null!;

    /// <summary>What became of the last attempt.</summary>
    public AttemptVerdict Verdict { get; set; }

    /// <summary>The last attempt ended with a good answer.</summary>
    public bool IsGood { get; set; }

    /// <summary>The call's own deadline ended the last attempt: none can follow.</summary>
    public bool DeadlinePassed { get; set; }

    /// <summary>Ties what is left of the last attempt's request to the caller's token.</summary>
    public CancellationTokenRegistration Lease { get; set; }

    /// <summary>Timestamp of the last attempt's headers or failure.</summary>
    public long AttemptEnded { get; set; }

    /// <summary>How long the last attempt took to its headers or failure; reckoned only for who asks.</summary>
    public TimeSpan Took => _services.Time.GetElapsedTime(AttemptStarted, AttemptEnded);

    /// <summary>The reason the mesh failed the call for.</summary>
    public string? Error { get; set; }

    /// <summary>Why no other attempt followed the last one, where there was something to decide.</summary>
    public string? NotRetried { get; set; }

    /// <summary>Keeps the body while it is sent, where that is needed to send it again.</summary>
    public BodyReplay? Replay { get; private set; }

    /// <summary>The running attempt is a retry that was withdrawn from the budget.</summary>
    public bool HoldsRetry { get; set; }

    /// <summary>A retry was withdrawn from the budget when the last attempt was cut, and has not been used yet.</summary>
    public bool CutGranted { get; set; }

    /// <summary>Every failed attempt, once there is one.</summary>
    public List<AttemptRecord>? Failures { get; set; }

    /// <summary>Endpoints this call tried.</summary>
    public ReadOnlySpan<MeshEndpoint> Tried => _tried.AsSpan();

    /// <summary>Another attempt may follow one that may have been executed.</summary>
    public bool MayRepeat { get; private set; }

    /// <summary>How long it may still take to its response headers; <see langword="null"/> means no limit.</summary>
    public TimeSpan? Left => Until(_services.Time.GetTimestamp(), _dues.Total);

    /// <summary>How long a gRPC call may still take altogether; <see langword="null"/> means no limit.</summary>
    public TimeSpan? WholeLeft => Until(_services.Time.GetTimestamp(), _dues.Whole);

    /// <summary>How long the call may take to its response headers; <see langword="null"/> means no limit.</summary>
    public TimeSpan? Total => Until(Started, _dues.Total);

    /// <inheritdoc cref="CallDues.Attempt"/>
    public TimeSpan? AttemptLimit => _dues.Attempt;

    /// <summary>Nobody would wait for its answer: it is not even sent.</summary>
    public bool IsLate => _dues.IsServed && Started >= _dues.Total;

    /// <summary>The token to send the attempt with.</summary>
    public CancellationToken Token => _watched ? _deadline.Token : Caller;

    /// <summary>The body can be sent again, as far as is known now.</summary>
    public bool BodyAtHand => Replay?.IsAtHand ?? BodyReplay.IsRepeatable(Request.Content);

    /// <summary>It is not used again.</summary>
    public void Dispose() => _deadline.Dispose();

    public void Begin(
        MeshHandler client, ServiceRuntime runtime, HttpRequestMessage request, bool sync, CancellationToken caller)
    {
        Client = client;
        Request = request;
        Caller = caller;
        IsSync = sync;
        Started = _services.Time.GetTimestamp();
        IsGrpc = RequestFacts.IsGrpc(request);
        _dues = new CallDues();
        TakeRoute(runtime);
    }

    /// <summary>Chooses route and group, once per call; again when a redirect leads to another path.</summary>
    public void TakeRoute(ServiceRuntime runtime)
    {
        var route = runtime.Route(Request);
        Follow(runtime, route, route.SelectGroup(_services.Random));
    }

    /// <summary>
    /// As <see cref="Begin"/>, without choosing among the shares of a route: for a request that is described and never
    /// sent, so that what is said of it comes from what a call would do.
    /// </summary>
    public void Rehearse(
        MeshHandler client, ServiceRuntime runtime, HttpRequestMessage request, RoutePlan route, EndpointGroup group)
    {
        Client = client;
        Request = request;
        Started = _services.Time.GetTimestamp();
        IsGrpc = RequestFacts.IsGrpc(request);
        _dues = new CallDues();
        Follow(runtime, route, group);
    }

    private void Follow(ServiceRuntime runtime, RoutePlan route, EndpointGroup group)
    {
        var options = HttpInternals.PeekOptions(Request);
        var served = MeshAmbient.Served;
        Runtime = runtime;
        Retry = route.Retry;
        RouteName = route.Name;
        Group = group;
        Terms = _services.TermsFor(route.Timeout.Idle, IsGrpc);
        ProvenOnly = Client.Settings.RetriesOff || served is { IsRetried: true } || RequestFacts.IsProvenOnly(options);
        Repeatable = RequestFacts.IsRepeatable(Request, options, Retry);
        MayRepeat = Retry.MaxAttempts > 1 && Repeatable && !ProvenOnly;
        Criticality = options is not null && options.TryGetValue(MeshRequestOptions.Criticality, out var matters)
            ? matters
            : MeshAmbient.CriticalityFor(served);
        HashKey = options is not null && options.TryGetValue(MeshRequestOptions.HashKey, out var key) ? key : null;

        // A gRPC server may ask for a repetition itself (pushback), whatever the method; its messages are small.
        var mayBeAsked = IsGrpc && Retry.MaxAttempts > 1 && !ProvenOnly;
        if ((MayRepeat || mayBeAsked) && Replay is null && !BodyReplay.IsRepeatable(Request.Content))
        {
            Replay = new BodyReplay(Request.Content!, _services.Memory);
        }

        _dues.Limit(this, route.Timeout, RequestFacts.Deadline(options), served, _services.Time);
    }

    /// <summary>The call goes on at another path, with attempts of its own but the same deadline.</summary>
    public void StartOver(ServiceRuntime runtime)
    {
        if (Request.Content is null)
        {
            Replay?.Release();
            Replay = null;
        }

        _tried = [];
        (Attempts, Free) = (0, 0);
        TakeRoute(runtime);
    }

    /// <summary>An attempt on this endpoint begins.</summary>
    public void BeginAttempt(MeshEndpoint endpoint, long now)
    {
        Endpoint = endpoint;
        AttemptStarted = now;
        Attempts++;
        _limitsAttempt = _dues.Attempt is not null && Attempts - Free < Retry.MaxAttempts && Group.Count > 1;
        _watched = _limitsAttempt || _dues.Total != AttemptDeadline.Never;
    }

    /// <summary>The length of a body that does not tell it, where that can be learned without waiting for anybody.</summary>
    public long? ReadBodyAhead() => BodyReplay.IsReadAhead(Request.Content!)
        ? (Replay ??= new BodyReplay(Request.Content!, _services.Memory)).ReadAhead()
        : null;

    /// <summary>Starts the deadlines of the attempt, if it has any.</summary>
    public void Arm()
    {
        if (!_watched || _armed)
        {
            return;
        }

        _armed = true;
        _deadline.Arm(
            _limitsAttempt ? CallDues.Later(_services.Time, AttemptStarted, _dues.Attempt!.Value) : AttemptDeadline.Never,
            _dues.Total,
            Caller);
    }

    /// <summary>Ends the watch over an attempt that ended.</summary>
    /// <param name="answered">It ended with an answer, and parts of its request may still be on their way.</param>
    /// <param name="caller">Then ties those to the caller's token until it is disposed.</param>
    public DeadlineCause Disarm(bool answered, out CancellationTokenRegistration caller)
    {
        caller = default;
        var (watched, armed) = (_watched, _armed);
        (_watched, _armed) = (false, false);
        var sent = !answered || BodyReplay.IsRepeatable(Request.Content) || Replay is { IsSent: true };
        if (!watched || (sent && !armed))
        {
            // Not armed: the attempt ended before anything but the transport knew of its token.
            return DeadlineCause.None;
        }

        if (sent)
        {
            return _deadline.Disarm();
        }

        caller = _deadline.Release(out var cause);
        return cause;
    }

    /// <summary>Headers that say who calls and nothing else, for a request that has none. Kept from call to call.</summary>
    public HttpRequestHeaders OwnHeaders()
    {
        if (_ownHeaders is null)
        {
            using var request = new HttpRequestMessage();
            _ownHeaders = request.Headers;
            _ownHeaders.TryAddWithoutValidation(MeshHeaders.Caller, _services.Caller);
        }

        return _ownHeaders;
    }

    /// <summary>They stay with the request that borrowed them.</summary>
    public void GiveHeadersAway() => _ownHeaders = null;

    /// <summary>Remembers the endpoint of the last attempt as tried.</summary>
    public void RememberTried()
    {
        if (Array.IndexOf(_tried, Endpoint) < 0)
        {
            _tried = [.. _tried, Endpoint];
        }
    }

    /// <summary>Forgets everything, for the next call.</summary>
    public void Reset()
    {
        Replay?.Release();
        Replay = null;
        Client = null!;
        Request = null!;
        Caller = default;
        Runtime = null!;
        Retry = null!;
        Group = null!;
        Terms = null!;
        HashKey = null;
        Endpoint = null!;
        Failures = null;
        Error = null;
        NotRetried = null;
        _tried = [];
        (Attempts, Free) = (0, 0);
        (HoldsRetry, CutGranted) = (false, false);
        DeadlinePassed = false;
        Lease = default;
        Verdict = default;
    }

    /// <summary>
    /// An attempt's time is up, says a timer. It is given up only for another one: when none may follow, because the
    /// body is gone or the budget empty, the attempt runs on as it would without the mesh.
    /// </summary>
    private bool MayCutAttempt()
    {
        CutGranted = BodyAtHand
            && Runtime.Upstream.Budget.TryWithdraw(Retry.Rule, _services.Time.GetTimestamp());
        return CutGranted;
    }

    private TimeSpan? Until(long from, long due) =>
        due == AttemptDeadline.Never ? null : _services.Time.GetElapsedTime(from, due);
}
