using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;

namespace Mesh.Client.Hosting;

/// <summary>Everything that supplies upstreams, with the two whose state health tells about by name.</summary>
/// <param name="All">In the order in which they are attached.</param>
/// <param name="Discovery"><see langword="null"/> where Consul is not used.</param>
/// <param name="Policy">Policy, wherever it comes from.</param>
internal sealed record MeshFeeds(IReadOnlyList<IUpstreamFeed> All, ConsulDiscoveryFeed? Discovery, PolicyFeed Policy);
