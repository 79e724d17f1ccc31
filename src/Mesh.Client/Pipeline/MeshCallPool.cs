using System.Collections.Concurrent;

namespace Mesh.Client.Pipeline;

/// <summary>Calls at rest. One waits on each thread, the others in a bounded queue that all threads share.</summary>
internal sealed class MeshCallPool(CallServices services)
{
    /// <summary>Calls kept for reuse; beyond that many at once, a call costs its few hundred bytes.</summary>
    private const int Most = 1024;

    [ThreadStatic]
    private static MeshCall? _mine;

    private readonly ConcurrentQueue<MeshCall> _shared = new();
    private int _count;

    public MeshCall Rent()
    {
        if (_mine is { } mine && ReferenceEquals(mine.Services, services))
        {
            _mine = null;
            return mine;
        }

        if (_shared.TryDequeue(out var call))
        {
            Interlocked.Decrement(ref _count);
            return call;
        }

        return new MeshCall(services);
    }

    public void Return(MeshCall call)
    {
        call.Reset();

        // A call of another runtime (one that ended, or another test's) gives way: its own pool would never find it here.
        if (_mine is not { } mine || !ReferenceEquals(mine.Services, services))
        {
            _mine?.Dispose();
            _mine = call;
        }
        else if (Interlocked.Increment(ref _count) <= Most)
        {
            _shared.Enqueue(call);
        }
        else
        {
            Interlocked.Decrement(ref _count);
            call.Dispose();
        }
    }
}
