using System.Collections.Concurrent;
using System.Globalization;

namespace Mesh.Client.Telemetry;

/// <summary>
/// Keeps a log readable while everything fails: so many lines in a window for each reason, and for all together. What is
/// held back is counted, and the next line of the same reason tells how many there were.
/// </summary>
/// <param name="time">Windows are measured by its timestamps.</param>
/// <param name="most">Lines of one reason in a window.</param>
/// <param name="mostOfAll">Lines of all reasons in a window.</param>
/// <param name="window">Its length; a second unless said otherwise.</param>
internal sealed class LogLimiter(
    TimeProvider time, int most = LogLimiter.PerReason, int mostOfAll = int.MaxValue, TimeSpan? window = null)
{
    /// <summary>Lines a second of one reason: enough to see what is going on, too few to hide what else is.</summary>
    public const int PerReason = 10;

    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly Slot _all = new();
    private readonly long _window =
        (long)((window ?? TimeSpan.FromSeconds(1)).TotalSeconds * time.TimestampFrequency);

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="reason">Why it would be: from a bounded set of words, since each is remembered.</param>
    /// <param name="more">What to end the line with: nothing, or how many like it were held back since the last one.</param>
    public bool MayWrite(string reason, out string more)
    {
        var now = time.GetTimestamp();
        var slot = _slots.GetOrAdd(reason, static _ => new Slot());
        lock (slot)
        {
            if (!slot.HasRoom(now, _window, most) || !TakeOfAll(now))
            {
                slot.HeldSince = slot.Held++ == 0 ? now : slot.HeldSince;
                more = "";
                return false;
            }

            slot.Written++;
            more = slot.Held == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $" (and {slot.Held} more in the last {Math.Ceiling(time.GetElapsedTime(slot.HeldSince, now).TotalSeconds)} s)");
            slot.Held = 0;
            return true;
        }
    }

    private bool TakeOfAll(long now)
    {
        lock (_all)
        {
            var room = _all.HasRoom(now, _window, mostOfAll);
            _all.Written += room ? 1 : 0;
            return room;
        }
    }

    /// <summary>What was written in the current window, and held back since the last line. Is its own lock.</summary>
    private sealed class Slot
    {
        private long _begin = long.MinValue;

        public int Written { get; set; }

        public long Held { get; set; }

        public long HeldSince { get; set; }

        public bool HasRoom(long now, long window, int most)
        {
            if (_begin == long.MinValue || now - _begin >= window)
            {
                (_begin, Written) = (now, 0);
            }

            return Written < most;
        }
    }
}
