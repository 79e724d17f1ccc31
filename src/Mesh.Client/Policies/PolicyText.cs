using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>A document as a source hands it over: not read yet.</summary>
/// <param name="Key">Which document.</param>
/// <param name="Revision">Which state of it.</param>
/// <param name="Body">Its text.</param>
internal sealed record PolicyText(PolicyKey Key, PolicyRevision Revision, ReadOnlyMemory<byte> Body);
