using Mesh.Client.Discovery;

namespace Mesh.Client.Pipeline;

/// <summary>
/// What the sources of an upstream's endpoints have said so far. <see cref="Accept"/> is called under the upstream's lock;
/// the rest may be read by anyone.
/// </summary>
internal sealed class UpstreamAnswers(long created)
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _live;
    private bool _known;
    private bool _unknown;
    private long _confirmedAt = created;

    /// <summary>Completes with the first answer.</summary>
    public Task First => _first.Task;

    /// <summary>A source has never heard of the service, and none ever has.</summary>
    public bool IsUnknown => Volatile.Read(ref _unknown);

    /// <summary>A source answered that speaks of now: the registry or the configuration, not the snapshot on disk.</summary>
    public bool IsLive => Volatile.Read(ref _live);

    /// <summary>When what is in force was last confirmed.</summary>
    public long ConfirmedAt => Volatile.Read(ref _confirmedAt);

    /// <summary>True when the endpoints of this answer are to be taken over.</summary>
    public bool Accept(EndpointSnapshot snapshot, long now)
    {
        // The disk may be slower than the registry; what it remembers is then history.
        if (snapshot.Source == EndpointSource.Snapshot && _live)
        {
            return false;
        }

        Volatile.Write(ref _live, _live || snapshot.Source != EndpointSource.Snapshot);
        _known |= snapshot.Known || snapshot.Endpoints.Count > 0;
        Volatile.Write(ref _unknown, !_known);
        if (_known)
        {
            Confirm(now);
        }

        return _known;
    }

    public void Confirm(long now) => Volatile.Write(ref _confirmedAt, now);

    /// <summary>An answer was dealt with, so that whoever waits may go on. Outside of the lock.</summary>
    public void Announce() => _first.TrySetResult();
}
