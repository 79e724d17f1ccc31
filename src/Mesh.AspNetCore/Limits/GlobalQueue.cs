using System.Runtime.CompilerServices;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// Goes on behind everything that waits for a thread: <c>await default(GlobalQueue)</c>. What was admitted then waits where
/// it is counted, and what comes after it is told at once that there is no room, instead of waiting to be told.
/// </summary>
internal readonly struct GlobalQueue : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public GlobalQueue GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) =>
        ThreadPool.QueueUserWorkItem(static action => action(), continuation, preferLocal: false);

    public void UnsafeOnCompleted(Action continuation) =>
        ThreadPool.UnsafeQueueUserWorkItem(static action => action(), continuation, preferLocal: false);
}
