namespace Mesh.AspNetCore.Inbound;

/// <summary>Whether this process is about to stop. Set once, read by every request.</summary>
internal sealed class DrainState
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    public void Begin() => _draining = true;
}
