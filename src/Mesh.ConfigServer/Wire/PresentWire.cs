using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>What stands in KV instead of what the author has seen.</summary>
internal sealed record PresentWire(PolicyRevision Revision, string Body);
