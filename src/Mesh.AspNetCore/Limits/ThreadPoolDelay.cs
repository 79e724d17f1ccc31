namespace Mesh.AspNetCore.Limits;

/// <summary>
/// How long work items of the thread pool wait for a thread: one is queued behind all others, and its own wait is taken. The
/// less of the last two counts, so that a garbage collection does not.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ThreadPoolDelay(TimeProvider time) : IQueueDelay, IThreadPoolWorkItem
{
    private long _queued;
    private long _last;
    private long _beforeLast;

    public TimeSpan Current
    {
        get
        {
            var measured = Math.Min(Volatile.Read(ref _last), Volatile.Read(ref _beforeLast));
            var queued = Volatile.Read(ref _queued);
            var now = time.GetTimestamp();
            return time.GetElapsedTime(0, queued == 0 ? measured : Math.Max(measured, now - queued));
        }
    }

    public void Measure()
    {
        if (Interlocked.CompareExchange(ref _queued, time.GetTimestamp(), 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public void Execute()
    {
        var waited = time.GetTimestamp() - Volatile.Read(ref _queued);
        Volatile.Write(ref _beforeLast, _last);
        Volatile.Write(ref _last, waited);
        Volatile.Write(ref _queued, 0);
    }
}
