using System.Numerics;

namespace Mesh.Client.Balancing;

/// <summary>
/// Good and bad of the last 32 answers in one word, so that a share of failures costs no window, no timer and, while all
/// goes well, no write. Pure arithmetic.
/// </summary>
/// <remarks>
/// A sentinel bit stands above the oldest answer, and the newest answer is bit 0. The word 0 means: no answer yet.
/// </remarks>
internal static class OutcomeHistory
{
    /// <summary>
    /// Answers remembered: enough that a single failure weighs little (3 %), few enough that ten in a row weigh much.
    /// </summary>
    public const int Length = 32;

    private const ulong Sentinel = 1UL << Length;

    /// <summary>The history with one more answer; the same word when nothing changes by it.</summary>
    public static ulong With(ulong history, bool failed)
    {
        var shifted = (history == 0 ? 1 : history) << 1 | (failed ? 1UL : 0UL);
        return (history & Sentinel) == 0 ? shifted : (shifted & (Sentinel - 1)) | Sentinel;
    }

    /// <summary>Answers known, 0 to <see cref="Length"/>.</summary>
    public static int Count(ulong history) => BitOperations.Log2(history);

    /// <summary>Share of failures among the answers known, 0 to 1; 0 when there is none.</summary>
    public static double Share(ulong history)
    {
        var count = Count(history);
        return count == 0 ? 0 : (BitOperations.PopCount(history) - 1) / (double)count;
    }
}
