namespace Mesh.ConfigServer.Tests.Support;

/// <summary>A clock that throws the first time it is read: what nobody expects.</summary>
internal sealed class BreakingClock : TimeProvider
{
    private int _reads;

    /// <summary>How often it was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public override DateTimeOffset GetUtcNow() => Interlocked.Increment(ref _reads) == 1
        ? throw new InvalidOperationException("This clock throws.")
        : base.GetUtcNow();
}
