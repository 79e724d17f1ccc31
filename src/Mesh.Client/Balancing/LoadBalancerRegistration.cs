namespace Mesh.Client.Balancing;

/// <summary>A load balancer that the application brought along.</summary>
/// <param name="Name">As in a policy's <c>custom:&lt;name&gt;</c>.</param>
/// <param name="Factory">Makes one instance for each upstream and subset that uses it.</param>
internal sealed record LoadBalancerRegistration(string Name, Func<ILoadBalancer> Factory);
