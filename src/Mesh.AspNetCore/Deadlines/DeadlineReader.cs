using System.Globalization;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Deadlines;

/// <summary>
/// How long the caller of a request waits: <c>grpc-timeout</c> of anybody, since it is gRPC's own, and
/// <c>mesh-deadline-ms</c> of members. Both are relative, so that clocks need not agree; they count from here, after the
/// time on the way. What cannot be read is no deadline, and counted.
/// </summary>
internal sealed class DeadlineReader(TimeProvider time, InboundInstruments instruments)
{
    /// <summary>
    /// Longest deadline that is watched: 24 days, the range of timers. Nobody can tell a longer one from none.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>Timestamp until which a gRPC call's caller waits for all of it, or <see cref="AttemptDeadline.Never"/>.</summary>
    public long OfGrpc(HttpRequest request)
    {
        if (!Refusal.IsGrpc(request) || request.Headers.GrpcTimeout is not { Count: > 0 } values)
        {
            return AttemptDeadline.Never;
        }

        return Due(values is [var value] ? GrpcTimeout.Parse(value) : null);
    }

    /// <summary>
    /// Timestamp until which a member waits for response headers, or <see cref="AttemptDeadline.Never"/>. What says so is
    /// taken off the request.
    /// </summary>
    public long TakeOfMember(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(MeshHeaders.Deadline, out var values))
        {
            return AttemptDeadline.Never;
        }

        request.Headers.Remove(MeshHeaders.Deadline);
        return Due(values is [var value]
            && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
                ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue))
                : null);
    }

    private long Due(TimeSpan? left)
    {
        if (left is not { } wait)
        {
            instruments.Ignored(MeshReasons.Malformed);
            return AttemptDeadline.Never;
        }

        return wait >= Longest ? AttemptDeadline.Never : CallDues.Later(time, time.GetTimestamp(), wait);
    }
}
