namespace Mesh.Client.Pipeline;

/// <summary>
/// The mesh of this process: all upstreams and what they share. One per service provider; starts with the first call or
/// with the host, whichever comes first.
/// </summary>
internal sealed class MeshRuntime
{
    /// <summary>The upstream of this (lower-case) name; made, and its feeds attached, on first use.</summary>
    public Upstream GetUpstream(string name) => throw new NotImplementedException();

    /// <summary>Every upstream so far.</summary>
    public IEnumerable<Upstream> Upstreams => throw new NotImplementedException();
}
