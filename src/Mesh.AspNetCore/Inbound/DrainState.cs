namespace Mesh.AspNetCore.Inbound;

/// <summary>Whether this process is about to stop, and what it has yet to finish.</summary>
internal sealed class DrainState
{
    private volatile bool _draining;
    private int _inFlight;

    /// <summary>Set once, read by every request.</summary>
    public bool IsDraining => _draining;

    /// <summary>Requests whose response has not ended.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public void Begin() => _draining = true;

    /// <summary>A request begins; followed by <see cref="Leave"/> whatever becomes of it.</summary>
    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);
}
