using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// Where requests wait for a thread once they are admitted: <c>await queue.Turn()</c>. One after the other they go behind
/// what waits in the thread pool at that moment, so that what comes meanwhile is looked at first and told at once that
/// there is no room, instead of standing behind all that were admitted before it.
/// </summary>
/// <remarks>
/// The queue stands in the pool's with one work item, which queues itself again before it lets somebody go. So it
/// uses as many threads as the pool gives, also to handlers that block; no thread is idle while somebody waits; and what
/// comes waits for one turn of each thread.
/// </remarks>
/// <param name="pool">Gives a work item to the thread pool, behind all others.</param>
internal sealed class AdmittedQueue(Action<IThreadPoolWorkItem> pool) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Action> _waiting = new();
    private int _isQueued;

    public AdmittedQueue()
        : this(static item => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false))
    {
    }

    public TurnAwaiter Turn() => new(this);

    void IThreadPoolWorkItem.Execute()
    {
        // Before looking: whoever comes after the look queues it anew.
        Interlocked.Exchange(ref _isQueued, 0);
        if (!_waiting.TryDequeue(out var next))
        {
            return;
        }

        if (!_waiting.IsEmpty)
        {
            Queue();
        }

        next();
    }

    private void Add(Action continuation)
    {
        _waiting.Enqueue(continuation);
        Queue();
    }

    private void Queue()
    {
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            pool(this);
        }
    }

    public readonly struct TurnAwaiter(AdmittedQueue queue) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public TurnAwaiter GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => queue.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => queue.Add(continuation);
    }
}
