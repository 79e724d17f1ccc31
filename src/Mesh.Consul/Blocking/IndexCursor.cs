namespace Mesh.Consul;

/// <summary>
/// What a watch knows about the index: what to ask for next, and what an answer means. The index of an error never gets
/// here. An index that went backwards is believed only when a second read agrees, because a stale read may simply have
/// met a server that lags.
/// </summary>
internal sealed class IndexCursor
{
    private ulong _seen;
    private bool _failed;
    private bool _doubting;

    /// <summary>What to wait for; 0 asks for an answer at once.</summary>
    public ulong Next { get; private set; }

    /// <summary>True when the next read must be confirmed by the leader and a quorum.</summary>
    public bool NextIsConsistent { get; private set; }

    /// <summary>
    /// The meaning of an answer, or <see langword="null"/> when it must be confirmed by another read first.
    /// </summary>
    public BlockingQueryTransition? Judge(ulong index)
    {
        if (_seen == 0)
        {
            return BlockingQueryTransition.First;
        }

        if (Positive(index) >= _seen)
        {
            return _failed ? BlockingQueryTransition.Recovered : BlockingQueryTransition.None;
        }

        if (_doubting)
        {
            return BlockingQueryTransition.IndexRegressed;
        }

        _doubting = true;
        Next = 0;
        NextIsConsistent = true;
        return null;
    }

    /// <summary>The answer was handed on: wait for what follows it.</summary>
    public void Accept(ulong index)
    {
        _seen = Positive(index);
        _failed = false;
        _doubting = false;
        Next = _seen;
        NextIsConsistent = false;
    }

    /// <summary>
    /// A blocked read was woken without a reason. That is what the restore of a snapshot looks like: the answer is still the
    /// old state (1.8.7), and the new one, whose index is lower, would be blocked upon until the wait is over. So the next
    /// read does not wait.
    /// </summary>
    public void ReadAgain() => Next = 0;

    /// <summary>
    /// The read failed. The history may be another one by now, and waiting for an index of the old one could take until
    /// it is reached again, so the next read does not wait. Nor does it insist on a leader that may be what is missing.
    /// </summary>
    public void Fail()
    {
        _failed = true;
        Next = 0;
        NextIsConsistent = false;
    }

    /// <summary>Index 0 would not block at all, and a loop on it would spin.</summary>
    private static ulong Positive(ulong index) => Math.Max(index, 1);
}
