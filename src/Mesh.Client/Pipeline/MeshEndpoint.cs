using Mesh.Client.Attempts;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Outliers;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;

namespace Mesh.Client;

/// <summary>
/// One endpoint of an upstream: an identity with state (load, latency, outlier) that survives changes of its description.
/// </summary>
public sealed class MeshEndpoint
{
    /// <summary>
    /// How long a suspicion lasts when nothing renews it: about as long as a process takes to stop and the registry
    /// to say so.
    /// </summary>
    internal static readonly TimeSpan SuspectFor = TimeSpan.FromSeconds(10);

    /// <summary>Good answers, to attempts begun after the suspicion, that end it: those before it say nothing.</summary>
    internal const int AnswersThatClear = 5;

    private readonly IEndpointOwner _owner;
    private readonly EndpointConnections _connections;
    private EndpointInfo _info;
    private EndpointWire _wire = EndpointWire.Plain;
    private EndpointLoad _load;
    private bool _suspect;
    private long _suspectSince;
    private string? _suspectReason;
    private int _goodAnswers;

    internal MeshEndpoint(EndpointInfo info, IEndpointOwner owner)
    {
        _info = info;
        _owner = owner;
        _connections = new EndpointConnections(owner, this);
    }

    /// <summary>Identifies the endpoint within its service.</summary>
    public string Id => Info.Id;

    /// <summary>The host or address that is dialled.</summary>
    public string Host => Info.Host;

    /// <summary>The port that is dialled.</summary>
    public int Port => Info.Port;

    /// <summary>Its weight, at least 1.</summary>
    public int Weight => Info.Weight;

    /// <summary>The failure domain it registered, if any.</summary>
    public string? Zone => Info.Zone;

    /// <summary>The metadata it registered.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Info.Metadata;

    /// <summary>Attempts whose response body has not ended yet.</summary>
    public int InFlight => _load.InFlight;

    internal EndpointInfo Info
    {
        get => Volatile.Read(ref _info);
        set => Volatile.Write(ref _info, value);
    }

    /// <summary>What its connections have to be like; <see cref="LeaveConnections"/> follows a change.</summary>
    internal EndpointWire Wire
    {
        get => Volatile.Read(ref _wire);
        set => Volatile.Write(ref _wire, value);
    }

    /// <summary>What balancing measures.</summary>
    internal ref EndpointLoad Load => ref _load;

    /// <summary>What outlier detection knows.</summary>
    internal OutlierState Outlier { get; } = new();

    /// <summary>What it may be used for.</summary>
    internal EndpointState State => Info switch
    {
        { Health: EndpointHealth.Maintenance } => EndpointState.Maintenance,
        _ when Wire.Refusal is not null => EndpointState.Insecure,
        { Health: EndpointHealth.Critical } => EndpointState.Critical,
        var info => Outlier.Phase switch
        {
            EjectionPhase.Ejected => EndpointState.Ejected,
            EjectionPhase.None when info.Vanished || IsSuspect => EndpointState.Suspect,
            EjectionPhase.None => EndpointState.Ready,
            _ => EndpointState.Returning,
        },
    };

    /// <summary>It was marked, and nothing has cleared it since; an endpoint that vanished is not "marked".</summary>
    internal bool IsSuspect => Volatile.Read(ref _suspect);

    /// <summary>When it was last marked suspect.</summary>
    internal long SuspectSince => Volatile.Read(ref _suspectSince);

    /// <summary>Why it was last marked suspect.</summary>
    internal string? SuspectReason => Volatile.Read(ref _suspectReason);

    /// <summary>When its slow start began; <see langword="null"/> when it has its full share. Under the upstream's lock.</summary>
    internal long? RampSince { get; set; }

    /// <summary>Its connections, made on first use; after removal they refuse, which proves that nothing was sent.</summary>
    internal EndpointTransport Transport => _connections.Transport;

    /// <summary>Connections open to it now.</summary>
    internal int Connections => _connections.Open;

    /// <summary>Those of them that no new call uses.</summary>
    internal int OldConnections => _connections.Old;

    /// <inheritdoc/>
    public override string ToString() => $"{Id} ({Host}:{Port})";

    /// <summary>An attempt begins: it counts as in flight until <see cref="End"/>.</summary>
    internal void Begin() => _load.Begin();

    /// <summary>
    /// Response headers came, or the attempt failed: latency and outlier state learn from it. Called exactly once per
    /// <see cref="Begin"/>, before <see cref="End"/>.
    /// </summary>
    /// <param name="started">Timestamp at which the attempt began.</param>
    /// <param name="now">Timestamp at which its outcome was known.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="retryAfter">How long the endpoint asked to be spared, if it did.</param>
    internal void Observe(long started, long now, AttemptOutcome outcome, TimeSpan? retryAfter = null)
    {
        var clock = _owner.Clock;
        var coarse = clock.Centiseconds(now);
        if (outcome == AttemptOutcome.Success)
        {
            _load.Succeeded((float)clock.Seconds(started, now), coarse);
            Outlier.Succeeded();
            if (IsSuspect)
            {
                CountGoodAnswer(started);
            }
        }
        else
        {
            // What failed or was given up says only that a good answer would have taken longer.
            if (outcome is not (AttemptOutcome.ConnectFailed or AttemptOutcome.Refused))
            {
                _load.TookAtLeast((float)clock.Seconds(started, now), coarse);
            }

            LearnFailure(outcome, retryAfter, coarse, now, late: false);
        }

        if (Outlier.IsProbe(started))
        {
            ConcludeProbe(outcome, now);
        }
    }

    /// <summary>
    /// Something was learned after the headers (a gRPC status in trailers, a broken body): outlier state learns from it,
    /// latency does not.
    /// </summary>
    internal void ObserveLate(AttemptOutcome outcome)
    {
        if (outcome is not (AttemptOutcome.Success or AttemptOutcome.Cancelled))
        {
            var now = _owner.Clock.Now;
            LearnFailure(outcome, retryAfter: null, _owner.Clock.Centiseconds(now), now, late: true);
        }
    }

    /// <summary>The attempt is over: its response body ended, was disposed, or there was none.</summary>
    internal void End()
    {
        _load.End();
        if (_connections.IsEnding && InFlight == 0)
        {
            _connections.EndUnused();
        }
    }

    /// <summary>
    /// It said that it will stop: it is suspect, and what is begun on it all the same gets a connection of its own; those it
    /// has are closed when the attempts on it end.
    /// </summary>
    internal void BeginDrain()
    {
        // Said with every answer from now on; done once.
        if (!IsSuspect || Volatile.Read(ref _suspectReason) != MeshReasons.Draining)
        {
            LeaveConnections();
        }

        MarkSuspect(MeshReasons.Draining);
    }

    /// <summary>
    /// What is begun on it from now on gets new connections; the old ones are closed when no attempt runs on it. Returns
    /// what was left.
    /// </summary>
    internal EndpointTransport? LeaveConnections()
    {
        var left = _connections.LeaveBehind();
        if (InFlight == 0)
        {
            _connections.EndUnused();
        }

        return left;
    }

    /// <summary>Closes connections that were left, each when the calls on it have ended.</summary>
    internal void EndConnections(EndpointTransport left) => _connections.End(left);

    /// <summary>Use only when no other is left, until the registry lists it anew or it has answered well for a while.</summary>
    /// <param name="reason">Why, by the word that metrics use.</param>
    internal void MarkSuspect(string reason = "marked")
    {
        Volatile.Write(ref _suspectReason, reason);
        Volatile.Write(ref _suspectSince, _owner.Clock.Now);
        Volatile.Write(ref _goodAnswers, 0);

        // A draining endpoint says so with every answer: only the first one costs more than two writes.
        if (!Interlocked.Exchange(ref _suspect, true))
        {
            _owner.SuspicionChanged(this);
        }
    }

    /// <summary>Ends the suspicion; the owner is not told.</summary>
    internal void ClearSuspicion() => Volatile.Write(ref _suspect, false);

    /// <summary>It left the upstream: running calls finish, new ones are refused; then its connections are closed.</summary>
    internal void Remove()
    {
        _connections.Retire();
        if (InFlight == 0)
        {
            _connections.Dispose();
        }
    }

    private void CountGoodAnswer(long started)
    {
        if (started > SuspectSince &&
            Interlocked.Increment(ref _goodAnswers) >= AnswersThatClear &&
            Interlocked.Exchange(ref _suspect, false))
        {
            _owner.SuspicionChanged(this);
        }
    }

    private void LearnFailure(AttemptOutcome outcome, TimeSpan? retryAfter, uint coarse, long now, bool late)
    {
        // The caller gave up, or the peer turned the request away unprocessed: neither speaks for or against it.
        if (outcome is AttemptOutcome.Cancelled or AttemptOutcome.Refused)
        {
            return;
        }

        _load.Failed(retryAfter, coarse);
        if (outcome is AttemptOutcome.GatewayError or AttemptOutcome.ServerError or AttemptOutcome.Overloaded
            or AttemptOutcome.Reset)
        {
            Outlier.Connected();
        }

        // Overload is no reason to eject: its load would fall on the others.
        if (outcome != AttemptOutcome.Overloaded &&
            (outcome != AttemptOutcome.ServerError || _owner.FailsMoreThanPeers(this, now)) &&
            Outlier.Failed(outcome, late, _owner.Outlier) is { } reason)
        {
            _owner.Tripped(this, reason);
        }
    }

    private void ConcludeProbe(AttemptOutcome outcome, long now)
    {
        switch (outcome)
        {
            case AttemptOutcome.Cancelled or AttemptOutcome.Refused:
                Outlier.Unclaim();
                break;
            case AttemptOutcome.Success or AttemptOutcome.Overloaded:
                _owner.Probed(this, succeeded: true);
                break;
            case AttemptOutcome.ServerError:
                _owner.Probed(this, succeeded: !_owner.FailsMoreThanPeers(this, now));
                break;
            default:
                _owner.Probed(this, succeeded: false);
                break;
        }
    }
}
