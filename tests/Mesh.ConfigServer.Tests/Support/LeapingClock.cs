namespace Mesh.ConfigServer.Tests.Support;

/// <summary>
/// A clock that says one thing when it is first read, and an hour later from then on: a process that stood still.
/// </summary>
internal sealed class LeapingClock(DateTimeOffset first) : TimeProvider
{
    private int _reads;

    public override DateTimeOffset GetUtcNow() =>
        Interlocked.Increment(ref _reads) == 1 ? first : first + TimeSpan.FromHours(1);
}
