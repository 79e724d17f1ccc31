namespace Mesh.Client.Routing;

/// <summary>The first part of a route's condition that a request does not meet.</summary>
/// <param name="Part">Which part.</param>
/// <param name="Name">The header's or the parameter's name; empty for the others.</param>
internal readonly record struct MatchFailure(MatchPart Part, string Name);
