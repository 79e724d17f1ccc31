using Mesh.Client.Pipeline;

namespace Mesh.Client.Routing;

/// <summary>One share of a route's calls.</summary>
/// <param name="Until">Draws below this go here, unless they went to an earlier target; out of 10,000.</param>
/// <param name="Group">Where.</param>
internal readonly record struct RouteTarget(int Until, EndpointGroup Group);
