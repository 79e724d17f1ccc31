namespace Mesh.Client.Routing;

/// <summary>The parts of a route's condition, in the order in which they are asked.</summary>
internal enum MatchPart
{
    Method,
    Path,
    Header,
    Query,
}
