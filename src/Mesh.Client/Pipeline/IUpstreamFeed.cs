namespace Mesh.Client.Pipeline;

/// <summary>Supplies upstreams with endpoints or policy. Starts lazily; a call never waits on it beyond its first answer.</summary>
internal interface IUpstreamFeed
{
    /// <summary>Begins to supply this upstream. Called once per upstream, outside of any caller's execution context.</summary>
    void Attach(Upstream upstream);

    /// <summary>The upstream was idle for long; stop what costs. A later <see cref="Attach"/> starts it again.</summary>
    void Detach(Upstream upstream);
}
