namespace Mesh.ConfigServer.Tests.Support;

/// <summary>A clock that runs as others do, and shows another time.</summary>
internal sealed class SkewedClock : TimeProvider
{
    private long _ahead;

    /// <summary>By how much it is ahead.</summary>
    public TimeSpan Ahead
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _ahead));
        set => Volatile.Write(ref _ahead, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
