using System.Runtime.InteropServices;

namespace Mesh.Client.Balancing;

/// <summary>
/// What balancing measures of one endpoint, apart from how it chooses. Lock-free, without allocation.
/// </summary>
/// <remarks>
/// Every call writes here from some core, so the two groups of words stand on cache lines of their own, 128 bytes because
/// processors fetch lines in pairs: two counters on one line cost four times as much on two cores.
/// In-flight stands apart from the estimates because it is written twice a call, they about once.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct EndpointLoad
{
    /// <summary>Seconds that a failed answer adds to an endpoint whose every recent answer failed (Linkerd's figure).</summary>
    public const float FailurePenalty = 5;

    /// <summary>Most that an endpoint may ask to be spared, in seconds: a Retry-After of a day is not honoured.</summary>
    public const float LongestHint = 300;

    [FieldOffset(128)]
    private int _inFlight;

    [FieldOffset(256)]
    private ulong _latency;

    [FieldOffset(264)]
    private ulong _penalty;

    [FieldOffset(272)]
    private ulong _history;

    /// <summary>Attempts that have begun and not ended.</summary>
    public readonly int InFlight => Volatile.Read(in _inFlight);

    /// <summary>Share of failures among the last answers, 0 to 1.</summary>
    public readonly double FailureShare => OutcomeHistory.Share(Volatile.Read(in _history));

    /// <summary>Answers that <see cref="FailureShare"/> is made of.</summary>
    public readonly int Answers => OutcomeHistory.Count(Volatile.Read(in _history));

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>
    /// An answer that speaks well of the endpoint came after so many seconds. The very first one says nothing of its
    /// speed: it holds the connect and the callee's first compilation, and would keep one of two equal endpoints without
    /// calls for half a minute.
    /// </summary>
    public void Succeeded(float seconds, uint now)
    {
        if (OutcomeHistory.Count(Remember(failed: false)) <= 1)
        {
            return;
        }

        var seen = Volatile.Read(in _latency);
        while (true)
        {
            var old = PeakEwma.Unpack(seen);
            var next = old.With(seconds, now);
            if (next == old)
            {
                return;
            }

            var found = Interlocked.CompareExchange(ref _latency, next.Pack(), seen);

            // Whoever was faster has just blended a sample in; only a peak is worth another try.
            if (found == seen || seconds < next.Value)
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>The endpoint took at least so many seconds; whether it would have answered well is not known.</summary>
    public void TookAtLeast(float seconds, uint now) => Raise(ref _latency, seconds, now);

    /// <summary>
    /// A failed answer. Without a penalty a host that fails in a millisecond would look like the fastest of all and draw
    /// the traffic. The penalty grows with the square of the share of failures among the last answers: one failure in
    /// thirty costs a few milliseconds, which does not drive a busy endpoint's load onto its peers; a host that fails
    /// always costs <see cref="FailurePenalty"/>. What the server itself asked for (Retry-After, gRPC pushback) counts in
    /// full, up to <see cref="LongestHint"/>.
    /// </summary>
    public void Failed(TimeSpan? retryAfter, uint now)
    {
        var share = (float)OutcomeHistory.Share(Remember(failed: true));
        var hint = (float)Math.Clamp(retryAfter?.TotalSeconds ?? 0, 0, LongestHint);
        Raise(ref _penalty, MathF.Max(hint, FailurePenalty * share * share), now);
    }

    /// <summary>Seconds of penalty left.</summary>
    public readonly float Penalty(uint now)
    {
        var packed = Volatile.Read(in _penalty);
        return packed == 0 ? 0 : PeakEwma.Unpack(packed).Read(now);
    }

    /// <summary>Estimated seconds to an answer; negative while nothing at all is known.</summary>
    public readonly float Latency(uint now)
    {
        var latency = PeakEwma.Unpack(Volatile.Read(in _latency));
        return latency.IsCold ? -1 : latency.Read(now);
    }

    private static void Raise(ref ulong packed, float seconds, uint now)
    {
        var seen = Volatile.Read(ref packed);
        while (true)
        {
            var old = PeakEwma.Unpack(seen);
            var next = old.AtLeast(seconds, now);
            if (next == old)
            {
                return;
            }

            var found = Interlocked.CompareExchange(ref packed, next.Pack(), seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    private ulong Remember(bool failed)
    {
        var seen = Volatile.Read(ref _history);
        while (true)
        {
            var next = OutcomeHistory.With(seen, failed);
            if (next == seen)
            {
                return seen;
            }

            var found = Interlocked.CompareExchange(ref _history, next, seen);
            if (found == seen)
            {
                return next;
            }

            seen = found;
        }
    }
}
