namespace Mesh.AspNetCore.Door;

/// <summary>Lets one log line of each kind through in ten seconds, and counts the others for the next one.</summary>
internal sealed class DoorPace(TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    // Guards the dictionary, which has one entry for each word of a closed list; nothing is called under it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long At, int Unsaid)> _kinds = new(StringComparer.Ordinal);

    /// <summary>Whether to write a line now.</summary>
    /// <param name="kind">A word of a closed list.</param>
    /// <param name="unsaid">How many lines were kept back since the last one.</param>
    public bool Allows(string kind, out int unsaid)
    {
        lock (_lock)
        {
            if (_kinds.TryGetValue(kind, out var last) && time.GetElapsedTime(last.At) < Every)
            {
                _kinds[kind] = last with { Unsaid = last.Unsaid + 1 };
                unsaid = 0;
                return false;
            }

            unsaid = last.Unsaid;
            _kinds[kind] = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
