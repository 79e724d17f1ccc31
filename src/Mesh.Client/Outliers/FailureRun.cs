using System.Numerics;

namespace Mesh.Client.Outliers;

/// <summary>
/// Failures in a row, in one word of which each bit is an answer (1 failed, the newest is bit 0): pure arithmetic.
/// </summary>
/// <remarks>
/// Bits rather than a counter, because some failures are learned late: headers came and counted as a success, then
/// the body broke or the trailers said UNAVAILABLE. Such a failure turns the newest success into a failure, so that a
/// peer whose every answer breaks late is found like one whose every answer fails at once.
/// </remarks>
internal static class FailureRun
{
    /// <summary>The longest run that can be told.</summary>
    public const int Longest = 63;

    /// <summary>After one more answer; while all goes well the word stays 0 and need not be written.</summary>
    public static ulong With(ulong run, bool failed) => run << 1 | (failed ? 1UL : 0UL);

    /// <summary>After an answer that had been taken for a success has failed: the newest success becomes a failure.</summary>
    public static ulong WithLateFailure(ulong run) => run | (run + 1);

    /// <summary>Failures since the last success.</summary>
    public static int Count(ulong run) => BitOperations.TrailingZeroCount(~run);
}
