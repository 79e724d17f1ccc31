using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// When a call must be over, by whichever of these is first: the policy's total, the application's deadline, and that of
/// the request on whose behalf the call is made.
/// </summary>
internal struct CallDues
{
    public CallDues()
    {
    }

    /// <summary>Timestamp by which it must have its response headers, or <see cref="AttemptDeadline.Never"/>.</summary>
    public long Total { get; private set; } = AttemptDeadline.Never;

    /// <summary>Timestamp by which a gRPC call must be over altogether, or <see cref="AttemptDeadline.Never"/>.</summary>
    public long Whole { get; private set; } = AttemptDeadline.Never;

    /// <summary>
    /// The deadline is the application's own or that of the request it serves: passing it says nothing about an endpoint.
    /// </summary>
    public bool IsCallers { get; private set; }

    /// <summary>The call may take no longer than the request on whose behalf it is made.</summary>
    public bool IsServed { get; private set; }

    /// <summary>How long one attempt may take while another could follow it; <see langword="null"/> means no limit.</summary>
    public TimeSpan? Attempt { get; private set; }

    /// <summary>Adds what bounds the call on its present route. A redirect does not start the clock anew.</summary>
    /// <param name="call">The call.</param>
    /// <param name="timeout">The route's.</param>
    /// <param name="option">What the application asked for this request.</param>
    /// <param name="served">The request on whose behalf the call is made.</param>
    /// <param name="time">The clock.</param>
    public void Limit(MeshCall call, TimeoutPlan timeout, TimeSpan? option, ServedRequest? served, TimeProvider time)
    {
        var grpc = call.IsGrpc
            ? GrpcTimeout.Parse(AnswerTable.Value(call.Request.Headers, GrpcTimeout.Header))
            : null;
        var total = timeout.Total;
        var callers = option < grpc || grpc is null ? option : grpc;
        if (callers is not null && !(total < callers))
        {
            total = callers;
            IsCallers = true;
        }

        if (total is { } limit)
        {
            Total = Math.Min(Total, Later(time, call.Started, limit));
        }

        if (grpc is { } whole)
        {
            Whole = Math.Min(Whole, Later(time, call.Started, whole));
        }

        // Of its own total alone: an attempt cut for want of time is more load just when there is least time for it.
        Attempt = call.MayRepeat && timeout.LimitsAttempts ? timeout.Attempt(total) : null;
        if (served is not null && timeout.LimitsAttempts)
        {
            Bind(call, served);
        }
    }

    private void Bind(MeshCall call, ServedRequest served)
    {
        if (served.Due < Total)
        {
            Total = served.Due;
            (IsCallers, IsServed) = (true, true);
        }

        if (call.IsGrpc)
        {
            Whole = Math.Min(Whole, served.WholeDue);
        }
    }

    /// <summary>The timestamp <paramref name="span"/> later, or never.</summary>
    public static long Later(TimeProvider time, long timestamp, TimeSpan span)
    {
        var ticks = span.TotalSeconds * time.TimestampFrequency;
        return ticks >= AttemptDeadline.Never - timestamp ? AttemptDeadline.Never : timestamp + (long)ticks;
    }
}
