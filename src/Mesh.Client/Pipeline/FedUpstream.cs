namespace Mesh.Client.Pipeline;

/// <summary>An upstream and whether its feeds supply it.</summary>
internal sealed class FedUpstream(Upstream upstream)
{
    private volatile bool _attached;

    public Upstream Upstream { get; } = upstream;

    /// <summary>
    /// Orders attaching against detaching, so that feeds see them in turns. Feeds are called under it: they start work
    /// there and never wait. Reentrant, since a feed may apply what it knows at once.
    /// </summary>
    public Lock Gate { get; } = new();

    /// <summary>It was taken out of the runtime and is never attached again. Under <see cref="Gate"/>.</summary>
    public bool IsForgotten { get; set; }

    public bool IsAttached
    {
        get => _attached;
        set => _attached = value;
    }
}
