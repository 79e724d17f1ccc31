using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// What a request that this process serves hands on to the calls made on its behalf, until it ends: work that the
/// application leaves behind is nobody's deadline any more. Written by the inbound half; read by every call.
/// </summary>
/// <param name="time">The clock its deadlines are read on.</param>
internal sealed class ServedRequest(TimeProvider time)
{
    private long _due = AttemptDeadline.Never;
    private long _wholeDue = AttemptDeadline.Never;
    private volatile bool _ended;

    /// <summary>The clock its deadlines are read on.</summary>
    public TimeProvider Time => time;

    /// <summary>
    /// It is itself a retry: its caller retries already, so that calls made on its behalf are repeated only when they were
    /// provably not sent. Otherwise each hop would multiply the load of a failing one.
    /// </summary>
    public bool IsRetried { get; init; }

    /// <summary>How much it matters, where a member said so.</summary>
    public MeshCriticality? Criticality { get; init; }

    /// <summary>The service that called, as it says itself; only of members, and only while something asks for it.</summary>
    public string? ClaimedCaller { get; init; }

    /// <summary>
    /// Timestamp until which its caller waits for response headers, or <see cref="AttemptDeadline.Never"/>. Lifted when the
    /// response has begun.
    /// </summary>
    public long HeadersDue
    {
        init => _due = value;
    }

    /// <summary>Timestamp until which its caller waits for all of it, as gRPC does.</summary>
    public long WholeDue
    {
        get => _ended ? AttemptDeadline.Never : _wholeDue;
        init => _wholeDue = value;
    }

    /// <summary>Timestamp after which nobody waits for what it still does, or <see cref="AttemptDeadline.Never"/>.</summary>
    public long Due => _ended ? AttemptDeadline.Never : Math.Min(Volatile.Read(ref _due), _wholeDue);

    /// <summary>It says something that calls made on its behalf should know.</summary>
    public bool HandsOn => IsRetried || Criticality is not null || Due != AttemptDeadline.Never;

    /// <summary>It is over; what was left behind goes on without it.</summary>
    public bool IsEnded => _ended;

    /// <summary>Its caller has the response headers: only what bounds all of it counts from now on.</summary>
    public void ResponseBegan() => Volatile.Write(ref _due, AttemptDeadline.Never);

    /// <summary>It is over.</summary>
    public void End() => _ended = true;
}
